"""PEM as Strimzi has Java read it (CertificateUtils.x509Certificate, generateCertificates of Java)."""

import base64
import re
from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

_HYPHENS = re.compile(rb"(?:\A|(?<=[\r\n]))-----")
_BLOCK = re.compile(rb"-----(?P<header>[^\r\n]*)[\r\n](?P<body>[^-]*)(?P<footer>-[^\r\n]*)")
_HEADER = re.compile(rb"BEGIN (?P<type>.*)-----")


def first_certificate(pem: bytes) -> str:
    """The first of all certificates, printed anew; `ValueError` when any of them cannot be read.

    Java reads all blocks first, so that a broken second certificate, or a private key behind the certificate,
    makes the first one unusable as well. Text between the blocks is allowed.
    """
    certificates = [x509.load_der_x509_certificate(block) for block in _blocks(pem)]
    if not certificates:
        raise ValueError("no certificate")
    encoded = base64.b64encode(certificates[0].public_bytes(Encoding.DER)).decode()
    lines = [encoded[start : start + 64] for start in range(0, len(encoded), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])


def _blocks(pem: bytes) -> Iterator[bytes]:
    """The decoded content of each block. A line that begins with five hyphens begins a block."""
    position = 0
    while (start := _HYPHENS.search(pem, position)) is not None:
        block = _BLOCK.match(pem, start.start())
        header = _HEADER.fullmatch(block["header"].rstrip()) if block is not None else None
        if block is None or header is None:
            raise ValueError("incomplete data or illegal header")
        if block["footer"].rstrip() != b"-----END %s-----" % header["type"]:
            raise ValueError("header and footer do not match")
        body = b"".join(block["body"].split())
        yield base64.b64decode(body + b"=" * (-len(body) % 4), validate=True)
        position = block.end()
