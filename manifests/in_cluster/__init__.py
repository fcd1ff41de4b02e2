"""What runs in the target's Kubernetes: `python -m mirror` as Jobs, and as the exporter. Pure."""
