"""An existing MirrorMaker 2 as a stack file that renders the same mirror, with every difference named."""
