"""`nucleotides pre-process`: from the portal, a lock file or own peaks to what training reads."""
