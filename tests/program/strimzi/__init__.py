"""Strimzi's documented cases of MirrorMaker 2, and how ours compare with them."""
