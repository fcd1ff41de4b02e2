"""The copied users at the promotion: whether each may write on the target what it may write on the source."""
