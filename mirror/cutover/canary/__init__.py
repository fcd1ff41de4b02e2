"""The canary: a topic and a group of the mirror's own, moved to the target and back without any client."""
