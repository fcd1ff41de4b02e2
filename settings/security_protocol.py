"""Kafka's `security.protocol` of a connection."""

from __future__ import annotations


def security_protocol(*, tls: bool, sasl: bool) -> str:
    """Name it as `org.apache.kafka.common.security.auth.SecurityProtocol` does."""
    if sasl:
        return "SASL_SSL" if tls else "SASL_PLAINTEXT"
    return "SSL" if tls else "PLAINTEXT"
