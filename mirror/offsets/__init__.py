"""Sets consumer groups' offsets on the target: proposes them, writes a file for review, applies it safely."""
