"""The connection to the active region as a ConfigMap and Secrets that applications mount."""
