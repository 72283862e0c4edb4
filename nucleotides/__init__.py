"""From the ENCODE portal to a served model: multi-task networks of regulatory DNA."""

__version__ = "0.1.0"
