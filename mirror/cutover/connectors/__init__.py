"""The state of the mirror's connectors: what the KafkaMirrorMaker2 declares, and what Connect runs."""
