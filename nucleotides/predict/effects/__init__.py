"""What alleles do: scores, summaries, and the files that hold them."""
