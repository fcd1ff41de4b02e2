"""The steps of the planned move: thin edges that read the world, ask the judgements, and act."""
