"""The consumer groups: which offset each gets on the target, and what cannot be exact."""
