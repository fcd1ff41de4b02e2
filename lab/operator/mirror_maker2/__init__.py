"""KafkaMirrorMaker2 v1, as Strimzi's Cluster Operator treats it: pure rendering, and edges that act on it."""
