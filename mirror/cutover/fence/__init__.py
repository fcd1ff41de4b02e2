"""The fence: what keeps producers from writing to the source, and its proof."""
