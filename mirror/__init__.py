"""What is observed of a mirror: plain Python over confluent-kafka and lightkube, no Pulumi."""

__version__ = "0.1.0"
"""The release. pyproject.toml reads it here."""
