"""From a run, a checkpoint or a bundle to a bundle that is all one needs."""
