"""The certificates of a PEM text as Java and Strimzi read them (CertificateUtils.x509Certificate)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from cryptography import x509

_HYPHENS = re.compile(rb"(?:\A|(?<=[\r\n]))-----")
_BLOCK = re.compile(rb"-----(?P<header>[^\r\n]*)[\r\n](?P<body>[^-]*)(?P<footer>-[^\r\n]*)")
_HEADER = re.compile(rb"BEGIN (?P<type>.*)-----")


def certificates(pem: bytes) -> list[x509.Certificate]:
    """All certificates of the text; at least one. Raises ValueError, which names the block that is wrong.

    Java (CertificateFactory.generateCertificates) reads all blocks before it returns any. Text between blocks
    is allowed, but each line that begins with five hyphens begins or ends a block, and each block must be a
    certificate. OpenSSL and Python skip what they do not know. The rule is that of Java 17 (Strimzi's
    images have 21); Java 25 also accepts a last block that is cut off.
    """
    found = []
    for number, (kind, content) in enumerate(_blocks(pem), start=1):
        try:
            found.append(x509.load_der_x509_certificate(content))
        except ValueError:
            raise ValueError(f"block {number}, {kind}, is not a certificate that can be read") from None
    if not found:
        raise ValueError("it has no BEGIN line")
    return found


def _blocks(pem: bytes) -> Iterator[tuple[str, bytes]]:
    """The type and the decoded content of each block."""
    position, number = 0, 0
    while (start := _HYPHENS.search(pem, position)) is not None:
        number += 1
        block = _BLOCK.match(pem, start.start())
        if block is None:
            raise ValueError(f"block {number} has no end")
        header = _HEADER.fullmatch(block["header"].rstrip())
        if header is None:
            raise ValueError(f"block {number} has no BEGIN line, although a line begins with five hyphens")
        if block["footer"].rstrip() != b"-----END %s-----" % header["type"]:
            raise ValueError(f"block {number} has no END line of its own")
        body = b"".join(block["body"].split())
        try:
            content = base64.b64decode(body + b"=" * (-len(body) % 4), validate=True)
        except ValueError:
            raise ValueError(f"block {number} is not base64") from None
        yield header["type"].decode(errors="replace"), content
        position = block.end()
