"""A portal of one's own: the paths of the ENCODE portal over HTTP on loopback, with faults."""
