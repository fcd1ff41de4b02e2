"""Pulumi components. They open no connection to Kafka or Kubernetes themselves."""
