"""Networks from DNA sequence to the logits of many tasks."""
