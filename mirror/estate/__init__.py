"""What exists at the source and at the target: clusters, users, credentials.

`reading.read_estate` reads it from both Kubernetes before Pulumi declares anything, and raises all problems
together.
"""
