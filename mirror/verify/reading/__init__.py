"""Thin edges that read Kafka in bulk: no judgement here, and never one round trip a topic."""
