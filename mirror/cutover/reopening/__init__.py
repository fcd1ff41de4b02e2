"""What is left of a move after the way home: the fence, and groups that read copies with prefixes."""
