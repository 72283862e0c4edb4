"""What stands before every route, in plain ASGI, so that bodies and clients are seen as they are."""
