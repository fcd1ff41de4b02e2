"""The drain: whether MM2 has mirrored every record of the source."""
