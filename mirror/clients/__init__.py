"""Talks to Kafka and to Kubernetes and returns plain records; judges nothing."""
