"""A cutover in parts: topics and the groups that read them are moved, and the mirror copies the rest."""
