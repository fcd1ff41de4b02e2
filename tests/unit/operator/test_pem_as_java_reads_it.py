"""Which PEM texts Strimzi's CertificateUtils.x509Certificate (1.2.0) takes: it has Java read all of a key."""

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lab.operator.mirror_maker2.pem import first_certificate
from tests.unit.operator.test_secrets_of_a_mirror_maker import certificate

FIRST, SECOND = certificate("first"), certificate("second")
DER = x509.load_pem_x509_certificate(FIRST).public_bytes(Encoding.DER)
KEY = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def block(content: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + content + b"\n-----END CERTIFICATE-----\n"


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
    "nothing": b"",
    "no certificate": b"nonsense",
    "DER, which Strimzi reads as ASCII": bytes(byte if byte < 128 else ord("?") for byte in DER),
    "second broken": FIRST + block(b"AAAA"),
    "second is no base64": FIRST + block(b"!!!!"),
    "second cut off": FIRST + SECOND[:200],
    "joined without a line break": FIRST.rstrip() + SECOND,
    "private key behind": FIRST + KEY,
    "private key before": KEY + FIRST,
    "hyphens behind": FIRST + b"-----\n",
    "a title in hyphens": b"----- our CA -----\n" + FIRST,
    "begins in the line": b" " + FIRST,
    "one line": b"-----BEGIN CERTIFICATE-----" + base64.b64encode(DER) + b"-----END CERTIFICATE-----",
    "another footer": FIRST.replace(b"END CERTIFICATE", b"END X509 CERTIFICATE"),
    "bytes behind the certificate": block(base64.b64encode(DER + b"xx")),
}


@pytest.mark.parametrize("case", TAKEN)
def test_the_first_certificate_is_printed_anew(case: str) -> None:
    printed = first_certificate(TAKEN[case])
    assert x509.load_pem_x509_certificate(printed.encode()).public_bytes(Encoding.DER) == DER
    assert printed.count("-----BEGIN CERTIFICATE-----") == 1


@pytest.mark.parametrize("case", REFUSED)
def test_what_java_refuses(case: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        first_certificate(REFUSED[case])
