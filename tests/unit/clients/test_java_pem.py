"""Which PEM texts Java reads, and so Strimzi's CertificateUtils.x509Certificate (1.2.0)."""

import base64
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mirror.clients.java_pem import certificates
from tests.unit.operator.test_secrets_of_a_mirror_maker import certificate

FIRST, SECOND = certificate("first"), certificate("second")
DER = x509.load_pem_x509_certificate(FIRST).public_bytes(Encoding.DER)
KEY = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def block(content: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + content + b"\n-----END CERTIFICATE-----\n"


DER_AS_ASCII = bytes(byte if byte < 128 else ord("?") for byte in DER)

TAKEN = {
    "one": FIRST,
    "two": FIRST + SECOND,
    "no line break at the end": FIRST + SECOND.rstrip(),
    "line breaks of Windows": (FIRST + SECOND).replace(b"\n", b"\r\n"),
    "indented": FIRST.replace(b"\n", b"\n  "),
    "empty lines": b"\n\n" + FIRST + b" \n\n",
    "text before": b"subject=CN = first\n\n" + FIRST,
    "text between": FIRST + b"subject=CN = second\n" + SECOND,
    "text behind": FIRST + b"the end\n",
    "another type": FIRST.replace(b" CERTIFICATE", b" X509 CERTIFICATE"),
    "without padding": block(base64.b64encode(DER).rstrip(b"=")),
}
"""Each of these and of REFUSED was given to CertificateFactory.generateCertificates of OpenJDK 17, too."""

REFUSED = {
    "nothing": (b"", "it has no BEGIN line"),
    "no certificate": (b"nonsense", "it has no BEGIN line"),
    "DER, which Strimzi reads as ASCII": (DER_AS_ASCII, "it has no BEGIN line"),
    "second broken": (FIRST + block(b"AAAA"), "block 2, CERTIFICATE, is not a certificate that can be read"),
    "second is no base64": (FIRST + block(b"!!!!"), "block 2 is not base64"),
    "second cut off": (FIRST + SECOND[:200], "block 2 has no end"),
    "joined without a line break": (FIRST.rstrip() + SECOND, "block 1 has no END line of its own"),
    "private key behind": (FIRST + KEY, "block 2, PRIVATE KEY, is not a certificate that can be read"),
    "private key before": (KEY + FIRST, "block 1, PRIVATE KEY, is not a certificate that can be read"),
    "hyphens behind": (FIRST + b"-----\n", "block 2 has no end"),
    "a title in hyphens": (
        b"----- our CA -----\n" + FIRST,
        "block 1 has no BEGIN line, although a line begins with five hyphens",
    ),
    "begins in the line": (b" " + FIRST, "block 1 has no end"),
    "one line": (
        b"-----BEGIN CERTIFICATE-----" + base64.b64encode(DER) + b"-----END CERTIFICATE-----",
        "block 1 has no end",
    ),
    "another footer": (
        FIRST.replace(b"END CERTIFICATE", b"END X509 CERTIFICATE"),
        "block 1 has no END line of its own",
    ),
    "bytes behind the certificate": (
        block(base64.b64encode(DER + b"xx")),
        "block 1, CERTIFICATE, is not a certificate that can be read",
    ),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_java_reads(case: str) -> None:
    found = certificates(TAKEN[case])
    assert found[0].public_bytes(Encoding.DER) == DER
    assert len(found) == TAKEN[case].count(b"BEGIN ")


@pytest.mark.parametrize("case", REFUSED)
def test_what_java_refuses(case: str) -> None:
    pem, message = REFUSED[case]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        certificates(pem)
