"""Start over: what the next round makes anew goes to an archive, from which it comes back whole."""
