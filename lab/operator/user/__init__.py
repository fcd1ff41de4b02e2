"""KafkaUser v1, as Strimzi's User Operator treats it: pure rendering, and the edges that act on it."""
