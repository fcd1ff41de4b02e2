"""A TLS handshake in memory, verified by OpenSSL as by Kafka's clients."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path


def refused(serving: Path, context: ssl.SSLContext) -> str | None:
    """OpenSSL's reason for which the context refuses the server `localhost` with this key store."""
    shows = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shows.load_cert_chain(serving)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = shows.wrap_bio(to_server, to_client, server_side=True)
    client = context.wrap_bio(to_client, to_server, server_hostname="localhost")
    for side in (client, server, client):
        with suppress(ssl.SSLWantReadError):
            try:
                side.do_handshake()
            except ssl.SSLCertVerificationError as error:
                return error.verify_message
    return None
