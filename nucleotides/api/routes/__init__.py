"""The routes, a router a resource."""
