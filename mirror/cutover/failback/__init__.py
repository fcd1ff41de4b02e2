"""The way back: the stack file of the mirror in the other direction, from the promotion on."""
