"""Looking at a trained network: the HTML report of an evaluation.

Importing this package is cheap; matplotlib and jinja2 come in with `report`.
"""
