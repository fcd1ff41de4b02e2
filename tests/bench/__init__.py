"""Measurements, each beside a reference in the same run. Nothing here is asserted."""
