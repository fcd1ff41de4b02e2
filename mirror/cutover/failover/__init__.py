"""The unplanned move: the target takes over while nothing of the source answers."""
