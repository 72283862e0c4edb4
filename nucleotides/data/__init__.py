"""From stores to batches: which positions, in which order, with which labels."""
