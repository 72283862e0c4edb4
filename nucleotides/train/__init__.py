"""Training: arguments, the run itself, what happens along the way."""
