"""Before the first record: leftovers, first positions, the baseline."""
