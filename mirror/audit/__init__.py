"""The record audit: every record of every mirrored partition, source against target."""
