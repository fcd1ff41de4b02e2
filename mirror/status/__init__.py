"""The picture of a mirror: every partition and group, worst first, cheap enough to look at all the time."""
