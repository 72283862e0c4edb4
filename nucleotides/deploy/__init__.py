"""Deployments: a model sent to where it is served from; and the start of a new round."""
