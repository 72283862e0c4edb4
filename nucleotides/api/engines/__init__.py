"""Ways to compute a model's logits, one a file; `open_engine` chooses."""
