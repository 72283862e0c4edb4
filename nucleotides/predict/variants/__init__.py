"""Alleles: read from VCFs and tables, placed on a genome, put into windows."""
