"""`python -m mirror exporter`: what the checks and the status see, as metrics for Prometheus."""
