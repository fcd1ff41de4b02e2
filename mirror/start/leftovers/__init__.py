"""Finds topics and workers of an earlier mirror with the same names, before the first deployment."""
