"""The proof before the promotion: the checks of `verify`, and the last records of every partition counted."""
