"""Kafka and Kubernetes clients. They return plain records and judge nothing."""
