"""The commands of `python -m mirror`, one a module."""
