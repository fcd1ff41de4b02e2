"""Pure judgements about certificates: they parse, are valid long enough, fit their key, lead to their CA."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

from mirror.report import Finding

_RENEW_CA = (
    "renew the cluster CA (Strimzi: annotate the Secret with strimzi.io/force-renew=true), "
    "then deploy again so that the copy beside the mirror follows"
)
_RENEW_USER = (
    "renew the user's certificate (Strimzi: annotate its Secret with strimzi.io/force-renew=true), "
    "then deploy again"
)


def parse(pem: str | bytes) -> list[x509.Certificate]:
    """All certificates of a PEM text. Raises ValueError when there is none or one cannot be read."""
    data = pem.encode() if isinstance(pem, str) else pem
    return x509.load_pem_x509_certificates(data)


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
                f"the certificate is valid only from {begins:%Y-%m-%d %H:%M} UTC on",
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
    """A CA Secret's `*.crt` keys.

    During a renewal Strimzi keeps the old CA beside the new one (`ca-<date>.crt`): an expired certificate
    is a finding only where no key holds a good one.
    """
    now = now or datetime.now(UTC)
    if not certificates:
        return [
            Finding(
                subject,
                "it holds no certificate (no key ends in .crt), so nothing would be trusted",
                "use the cluster's <cluster>-cluster-ca-cert Secret",
            )
        ]
    bad: list[Finding] = []
    for key, pem in sorted(certificates.items()):
        try:
            # Strimzi passes on only the first certificate of each key (CertificateUtils.x509Certificate).
            first = parse(pem)[0]
        except ValueError:
            bad.append(Finding(f"{subject}, key {key}", "it is not a PEM certificate", _RENEW_CA))
            continue
        findings = validity(first, f"{subject}, key {key}", _RENEW_CA, now, margin)
        if not findings:
            return []
        bad += findings
    return bad


def judge_client(
    certificate_pem: str,
    key_pem: str,
    subject: str,
    *,
    margin: timedelta,
    clients_ca_pem: str | None = None,
    now: datetime | None = None,
) -> list[Finding]:
    """A client certificate with its key: both can be read, belong together, are valid, lead to the CA."""
    now = now or datetime.now(UTC)
    try:
        certificate = parse(certificate_pem)[0]
    except ValueError:
        return [Finding(subject, "user.crt is not a PEM certificate", _RENEW_USER)]
    findings = validity(certificate, f"{subject}, key user.crt", _RENEW_USER, now, margin)
    try:
        key = serialization.load_pem_private_key(key_pem.encode(), password=None)
    except (ValueError, TypeError):
        return [*findings, Finding(subject, "user.key is not an unencrypted PEM key", _RENEW_USER)]
    if _public_bytes(key.public_key()) != _public_bytes(certificate.public_key()):
        findings.append(Finding(subject, "user.key does not belong to user.crt", _RENEW_USER))
    if clients_ca_pem is not None and not leads_to(certificate, _parsable([clients_ca_pem])):
        findings.append(Finding(subject, "user.crt is not signed by the clients CA", _RENEW_USER))
    return findings


def leads_to(certificate: x509.Certificate, authorities: Iterable[x509.Certificate]) -> bool:
    """Whether one of the authorities has signed the certificate (Strimzi's CAs sign directly)."""
    for authority in authorities:
        try:
            certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False


def _parsable(pems: Iterable[str]) -> list[x509.Certificate]:
    certificates: list[x509.Certificate] = []
    for pem in pems:
        try:
            certificates += parse(pem)
        except ValueError:
            continue
    return certificates


def _public_bytes(key: object) -> bytes:
    return key.public_bytes(  # type: ignore[attr-defined,no-any-return]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
