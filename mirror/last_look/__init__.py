"""The last look that saw the source, kept beside the mirror for the day when the source does not answer."""
