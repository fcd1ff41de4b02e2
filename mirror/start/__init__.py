"""Prepares the first deployment of a mirror: finds leftovers, writes start positions, takes the baseline."""
