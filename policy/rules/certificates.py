"""The rule about certificates, where the manifests contain any."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cryptography import x509

from manifests.metadata import mirror_of
from policy.documents import Document, Documents
from policy.example_certificate import EXPIRED, LASTING
from policy.rule import Context, Rule, Violation

_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


def _expiry(documents: Documents, context: Context) -> Iterator[Violation]:
    # Their source may be gone for ever, and nobody renews its certificates.
    ended = {(one.origin, one.name) for one in documents.of("KafkaMirrorMaker2") if one.ended}
    for document in (*documents.of("Secret"), *documents.of("ConfigMap")):
        namespace, mirror = document.metadata.get("namespace"), mirror_of(document.metadata)
        if (document.origin, f"{namespace}/{mirror}") in ended:
            continue
        for key, content in _contents(document):
            for end in _ends(content):
                left = end - context.now
                if left < timedelta(days=context.certificate_margin_days):
                    told = "expired" if left < timedelta() else "expires"
                    yield Violation(
                        document.subject,
                        f"{key}: a certificate {told} on {end:%Y-%m-%d}, {abs(left.days)} days "
                        f"{'ago' if left < timedelta() else 'from now'}",
                    )


def _contents(document: Document) -> Iterator[tuple[str, bytes]]:
    """Return the values of a Secret or ConfigMap that contain a certificate, by key."""
    encoded = document.kind == "Secret"
    for field in ("data", "stringData"):
        values = document.manifest.get(field)
        for key, value in (values if isinstance(values, dict) else {}).items():
            content = str(value).encode()
            if encoded and field == "data":
                try:
                    content = base64.b64decode(content, validate=True)
                except (binascii.Error, ValueError):
                    continue  # a placeholder
            if _BEGIN in content:
                yield str(key), content


def _ends(content: bytes) -> Iterator[datetime]:
    """Return the expiry of each certificate of a PEM text; a damaged one is left out."""
    for part in content.split(_BEGIN)[1:]:
        try:
            found = x509.load_pem_x509_certificate(_BEGIN + part.partition(_END)[0] + _END)
        except ValueError:
            continue
        yield found.not_valid_after_utc.astimezone(UTC)


def _secret(certificate: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "east-cluster-ca-cert", "namespace": "kafka"},
        "data": {"ca.crt": base64.b64encode(certificate.encode()).decode()},
    }


RULES = (
    Rule(
        id="certificates-last",
        title="Certificates do not expire soon",
        severity="error",
        reason="After the expiry of a CA or client certificate the mirror can no longer connect. A source "
        "outside Strimzi renews nothing by itself",
        source="RFC 5280, validity; `certificate_margin_days` of the policy file",
        remedy="Renew the certificate, and deploy it before the old one expires",
        judge=_expiry,
        passing=(_secret(LASTING),),
        failing=(_secret(EXPIRED),),
        across=True,
    ),
)
