"""`python -m mirror exporter`: results of the checks and of the status as metrics for Prometheus."""
