"""Where mirroring starts: positions that are written for MM2 before it runs for the first time.

For a partition without a position, MM2 uses its consumer's `auto.offset.reset`. With `latest` it would
silently skip the first records of every topic that is created later. Therefore `mirror.start_from` does not
change that property. It writes positions for the partitions that exist at the first deployment, and for no
others.
"""
