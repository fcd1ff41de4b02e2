"""The checks, one run of them, and its report."""
