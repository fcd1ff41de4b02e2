"""Judges certificates: whether they can be parsed, are valid, match their key, are signed by their CA.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

from mirror.clients import java_pem
from mirror.problems import Finding

RENEW_CA = (
    "renew the cluster CA (Strimzi: annotate the Secret with strimzi.io/force-renew=true), "
    "then deploy again to update the copy in the mirror's namespace"
)
RENEW_USER = (
    "renew the user's certificate (Strimzi: annotate its Secret with strimzi.io/force-renew=true), "
    "then deploy again"
)
_ONLY_CERTIFICATES = (
    "write only certificates into the key, each one between a BEGIN line and an END line of its own"
)
_BEGIN = re.compile(r"^-----BEGIN ", re.MULTILINE)
_PUBLIC_KEYS: dict[bytes, bytes] = {}
_KEPT_PUBLIC_KEYS = 1000
STRIMZI_CLIENTS_CA = "clients-ca"
"""The beginning of the CN of Strimzi's clients CA (`clients-ca v0`). The cluster CA has `cluster-ca v0`."""


def parse(pem: str | bytes) -> list[x509.Certificate]:
    """All certificates of a PEM text. Raises ValueError when there is none or one cannot be read."""
    data = pem.encode() if isinstance(pem, str) else pem
    return x509.load_pem_x509_certificates(data)


def pem_of(certificates: Iterable[x509.Certificate]) -> str:
    """The certificates as PEM without comments, BOM and CRLF; Kafka's PEM parser accepts neither of the
    last two.
    """
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates)


def common_name(certificate: x509.Certificate) -> str:
    """The CN, which is the user's name in Strimzi's principals (`User:CN=<user>`)."""
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def validity(
    certificate: x509.Certificate, subject: str, remedy: str, now: datetime, margin: timedelta
) -> list[Finding]:
    """Findings when the certificate is not valid yet, has expired, or expires within the margin."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins:
        return [
            Finding(
                subject,
                f"the certificate is not valid before {begins:%Y-%m-%d %H:%M} UTC",
                "check the clock of this machine, or wait",
            )
        ]
    if now >= ends:
        return [Finding(subject, f"the certificate expired on {ends:%Y-%m-%d %H:%M} UTC", remedy)]
    if ends - now < margin:
        left = (ends - now).days
        return [
            Finding(
                subject,
                f"the certificate expires on {ends:%Y-%m-%d %H:%M} UTC, in {left} days; "
                f"the margin is {margin.days} days",
                remedy,
            )
        ]
    return []


def judge_trust(
    certificates: Mapping[str, str], subject: str, *, margin: timedelta, now: datetime | None = None
) -> list[Finding]:
    """Findings about the `*.crt` keys of a CA Secret.

    During a renewal Strimzi keeps the old CA beside the new one (`ca-<date>.crt`), so an expired certificate
    is a finding only where no other key holds a valid one. A key that cannot be read whole is always a
    finding: Strimzi rejects the KafkaMirrorMaker2 because of it, though it uses only the first certificate of
    each key. So is Strimzi's clients CA, which signs no broker.
    """
    now = now or datetime.now(UTC)
    if not certificates:
        return [
            Finding(
                subject,
                "it holds no certificate (no key ends in .crt), so no broker would be trusted",
                "use the cluster's <cluster>-cluster-ca-cert Secret",
            )
        ]
    broken = judge_readable(certificates, subject)
    unfit: list[Finding] = []
    fit = False
    for key, pem in sorted(certificates.items()):
        here = f"{subject}, key {key}"
        try:
            first = java_pem.certificates(pem.encode())[0]
        except ValueError:
            continue
        if common_name(first).startswith(f"{STRIMZI_CLIENTS_CA} "):
            message = (
                f"it is a clients CA ({common_name(first)}), which signs the certificates of "
                f"users, not of brokers"
            )
            broken.append(Finding(here, message, "use the Secret <cluster>-cluster-ca-cert instead"))
            continue
        findings = validity(first, here, RENEW_CA, now, margin)
        fit = fit or not findings
        unfit += findings
    return broken if fit else broken + unfit


def judge_readable(certificates: Mapping[str, str], subject: str) -> list[Finding]:
    """Findings about the keys of a CA Secret that Strimzi cannot read (CertificateUtils.x509Certificate)."""
    found = []
    for key, pem in sorted(certificates.items()):
        here = f"{subject}, key {key}"
        try:
            java_pem.certificates(pem.encode())
        except ValueError as problem:
            if not _BEGIN.search(pem):
                found.append(Finding(here, "it is not a PEM certificate", RENEW_CA))
                continue
            message = (
                f"{problem}. Strimzi reads all certificates of a key, although it uses only the first, and "
                "would report NotReady"
            )
            found.append(Finding(here, message, _ONLY_CERTIFICATES))
    return found


def judge_client(
    certificate_pem: str,
    key_pem: str,
    subject: str,
    *,
    margin: timedelta,
    clients_ca_pem: str | None = None,
    now: datetime | None = None,
    names: tuple[str, str] = ("user.crt", "user.key"),
    remedy: str = RENEW_USER,
) -> list[Finding]:
    """Findings about a client certificate and its key: unreadable, expired, not a pair, not signed by the CA.

    Intermediate CAs may follow the certificate (as with AWS Private CA). `clients_ca_pem` holds the CAs that
    the brokers are known to trust. Messages call the certificate and the key by `names`.
    """
    now = now or datetime.now(UTC)
    crt, key_name = names
    try:
        chain = parse(certificate_pem)
    except ValueError:
        return [Finding(subject, f"{crt} is not a PEM certificate", remedy)]
    findings: list[Finding] = []
    for depth, certificate in enumerate(chain):
        which = f"{subject}, key {crt}" if not depth else f"{subject}, certificate {depth + 1} of {crt}"
        findings += validity(certificate, which, remedy, now, margin)
    for depth, (issued, issuer) in enumerate(pairwise(chain), start=1):
        if not leads_to(issued, [issuer]):
            order = "put the client's certificate first, and after each certificate the one that signed it"
            message = f"certificate {depth} of {crt} is not signed by certificate {depth + 1}"
            findings.append(Finding(subject, message, order))
    try:
        public_key = _public_key_of(key_pem)
    except TypeError:
        message = f"{key_name} is not an unencrypted PEM key: it is protected by a passphrase"
        decrypt = "decrypt it with `openssl pkcs8 -topk8 -nocrypt`: Strimzi does not support a passphrase"
        return [*findings, Finding(subject, message, decrypt)]
    except ValueError:
        return [*findings, Finding(subject, f"{key_name} is not an unencrypted PEM key", remedy)]
    if public_key != _public_bytes(chain[0].public_key()):
        findings.append(Finding(subject, f"{key_name} does not belong to {crt}", remedy))
    if clients_ca_pem is not None and not leads_to(chain[-1], parsable([clients_ca_pem])):
        findings.append(Finding(subject, f"{crt} is not signed by the clients CA", remedy))
    return findings


def pkcs8(key_pem: str) -> str:
    """The unencrypted key as PKCS#8, the only form that Kafka reads (`DefaultSslEngineFactory.PemStore`);
    PKCS#1 (`RSA PRIVATE KEY`) and SEC 1 (`EC PRIVATE KEY`) are converted. Raises ValueError, TypeError.
    """
    key = serialization.load_pem_private_key(key_pem.encode(), password=None)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def leads_to(certificate: x509.Certificate, authorities: Iterable[x509.Certificate]) -> bool:
    """Whether one of the authorities signed the certificate directly, or is the certificate itself."""
    for authority in authorities:
        if certificate == authority:
            return True
        try:
            certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False


def parsable(pems: Iterable[str]) -> list[x509.Certificate]:
    """The certificates of all texts that can be parsed; the others are skipped."""
    certificates: list[x509.Certificate] = []
    for pem in pems:
        try:
            certificates += parse(pem)
        except ValueError:
            continue
    return certificates


def _public_key_of(key_pem: str) -> bytes:
    """The public key of an unencrypted private one. Raises ValueError, TypeError.

    The primes of an RSA key are not checked, which takes 40 ms for each key: OpenSSL does not check them
    either when a client logs in with the key. The answer is kept under a digest, so that no copy of the
    private key stays in memory.
    """
    name = sha256(key_pem.encode()).digest()
    if name not in _PUBLIC_KEYS:
        key = serialization.load_pem_private_key(
            key_pem.encode(), password=None, unsafe_skip_rsa_key_validation=True
        )
        if len(_PUBLIC_KEYS) >= _KEPT_PUBLIC_KEYS:
            _PUBLIC_KEYS.clear()
        _PUBLIC_KEYS[name] = _public_bytes(key.public_key())
    return _PUBLIC_KEYS[name]


def _public_bytes(key: object) -> bytes:
    return key.public_bytes(  # type: ignore[attr-defined,no-any-return]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
