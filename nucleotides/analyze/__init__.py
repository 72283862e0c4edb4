"""What a trained network is worth: scores, background, map of the tasks, comparison.

`report` shows it. Importing this package is cheap.
"""
