"""The lab: two regions with real Kafka and Kubernetes APIs on this machine (`python -m lab`)."""
