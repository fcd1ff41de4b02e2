"""Ways to read the same two logs, for the audit's bench."""
