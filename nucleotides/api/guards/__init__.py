"""What stands before every route, in plain ASGI: bodies and clients as they are."""
