"""Search for hyperparameters: many runs of `train`, each begun from what the others found."""
