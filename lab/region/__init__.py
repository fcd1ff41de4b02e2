"""One region of the lab: its keys and certificates, Kubernetes API, Kafka broker and Strimzi resources."""
