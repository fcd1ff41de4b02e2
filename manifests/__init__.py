"""What a stack declares, as plain Kubernetes manifests. Pure: settings and estate in, manifests out."""
