"""One region of the lab: its PKI, Kafka and Kubernetes."""
