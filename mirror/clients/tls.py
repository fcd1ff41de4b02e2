"""How the certificate of a broker or an API server is verified: as Kafka's and Kubernetes' own clients do.

From Python 3.13 on, `ssl.create_default_context` sets VERIFY_X509_STRICT, which refuses a certificate without
an Authority Key Identifier (RFC 5280). Strimzi's certificates have none, and neither Kafka's Java clients nor
librdkafka nor kubectl asks for one. Chain, dates and host name are verified all the same.
"""

from __future__ import annotations

import ssl


def trusting(ca_pem: str) -> ssl.SSLContext:
    """A client's context that trusts these CAs; the system's public CAs where the text is empty.

    Raises ssl.SSLError (an OSError) or ValueError for a text that is not PEM.
    """
    return as_other_clients(ssl.create_default_context(cadata=ca_pem or None))


def as_other_clients(context: ssl.SSLContext) -> ssl.SSLContext:
    """Clear VERIFY_X509_STRICT of a context, and return the context."""
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
