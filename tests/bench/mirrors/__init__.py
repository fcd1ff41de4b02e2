"""Mirrors that the benches deploy one after the other: variants of one mirror, and what each of them does."""
