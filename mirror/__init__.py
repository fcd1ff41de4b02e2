"""What is observed of a mirror: plain Python over confluent-kafka and lightkube, no Pulumi."""
