"""Deployments and StatefulSets that a cutover stops at the source and starts at the target."""
