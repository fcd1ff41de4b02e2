"""The current state of a mirror: every partition and group, most urgent first, cheap enough for a watch."""
