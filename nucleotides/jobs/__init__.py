"""Long work that a server is asked for: a queue on disk, and processes that work it off."""
