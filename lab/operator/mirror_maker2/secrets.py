"""What Strimzi takes from Secrets: trusted certificates, and the hash that rolls the workers on a change.

ReconcilerUtils.trustedCertificates; tlsTrustedCertsSecret and generateAuthHash of
KafkaMirrorMaker2AssemblyOperator.
"""

import fnmatch
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from lab.operator.failures import invalid_configuration, invalid_resource, runtime
from lab.operator.mirror_maker2 import authentication
from lab.operator.mirror_maker2.names import TARGET_CERTIFICATES_KEY, certificates_key
from mirror.clients.java_pem import certificates

ReadSecret = Callable[[str], Mapping[str, bytes] | None]
"""The data of a Secret in the resource's namespace; None when there is no such Secret."""


@dataclass(frozen=True, slots=True)
class TrustedCertificates:
    """The certificates that the workers trust."""

    data: Mapping[str, bytes]
    """The data of the Secret NAME-connect-tls-trusted-certs; empty when no cluster names certificates."""
    sources: frozenset[str]
    """Each certificate source's PEM text once, whichever clusters and keys it belongs to."""


def trusted_certificates(
    clusters: Sequence[Mapping[str, Any]], namespace: str, read: ReadSecret
) -> TrustedCertificates:
    """Read the certificates of the target and then of the sources.

    A pattern that matches no key gives an empty value.
    """
    data: dict[str, bytes] = {}
    texts: set[str] = set()
    for index, cluster in enumerate(clusters):
        if not authentication.trusts_certificates(cluster):
            continue
        sources = cluster["tls"]["trustedCertificates"]
        found = [_certificates(source, namespace, read) for source in sources]
        texts.update(found)
        pem = "\n".join(found).encode()
        data[certificates_key(cluster["alias"])] = pem
        if index == 0:
            data[TARGET_CERTIFICATES_KEY] = pem
    return TrustedCertificates(data, frozenset(texts))


def authentication_hash(
    clusters: Sequence[Mapping[str, Any]], trusted: TrustedCertificates, namespace: str, read: ReadSecret
) -> str:
    """Changes when a password, certificate, key or trusted certificate that the workers use changes.

    Strimzi adds up Java hash codes: of the set of certificates, and of each cluster's credentials. So neither
    the order of certificates nor a certificate that another cluster trusts, too, changes the sum, and workers
    are not restarted for them. A digest of what is added up tells changes apart as well and says nothing of
    the values.
    """
    credentials = [
        value
        for cluster in clusters
        for value in _credentials(cluster.get("authentication") or {}, namespace, read)
    ]
    digest = hashlib.sha256()
    for kind, values in (
        (b"trusted", [text.encode() for text in trusted.sources]),
        (b"credential", credentials),
    ):
        for value in sorted(values):
            digest.update(b"%s:%d:" % (kind, len(value)) + value)
    return digest.hexdigest()[:16]


def _credentials(given: Mapping[str, Any], namespace: str, read: ReadSecret) -> list[bytes]:
    if given.get("type") == "tls" and given.get("certificateAndKey"):
        pair = given["certificateAndKey"]
        secret = _validated(pair["secretName"], [pair["certificate"], pair["key"]], namespace, read)
        return [secret[pair["certificate"]], secret[pair["key"]]]
    if given.get("passwordSecret"):
        source = given["passwordSecret"]
        return [_validated(source["secretName"], [source["password"]], namespace, read)[source["password"]]]
    return []


def _validated(name: str, keys: Sequence[str], namespace: str, read: ReadSecret) -> Mapping[str, bytes]:
    secret = read(name)
    if secret is None:
        raise invalid_configuration(f"Secret {name} not found in namespace {namespace}")
    missing = [key for key in keys if key not in secret]
    if missing:
        raise invalid_configuration(f"Items with key(s) [{', '.join(missing)}] are missing in Secret {name}")
    return secret


def _certificates(source: Mapping[str, Any], namespace: str, read: ReadSecret) -> str:
    name = source["secretName"]
    if source.get("certificate"):
        secret = _validated(name, [source["certificate"]], namespace, read)
        return _first_certificate(secret[source["certificate"]], name, namespace)
    if source.get("pattern"):
        secret = _validated(name, [], namespace, read)
        keys = [key for key in secret if matches_glob(source["pattern"], key)]
        return "\n".join(sorted(_first_certificate(secret[key], name, namespace) for key in keys))
    raise invalid_resource("Certificate source does not contain the certificate or the pattern.")


def _first_certificate(pem: bytes, secret: str, namespace: str) -> str:
    """The first certificate of a key, printed anew (x509CertificateToPem)."""
    try:
        first = certificates(pem)[0]
    except ValueError:
        raise runtime(f"Failed to load certificate from Secret {secret} from namespace {namespace}") from None
    return first.public_bytes(Encoding.PEM).decode().rstrip()


def matches_glob(pattern: str, key: str) -> bool:
    """A "glob:" pattern of Java's FileSystem.getPathMatcher over the keys of a Secret, with {a,b} groups."""
    return any(fnmatch.fnmatchcase(key, alternative) for alternative in _alternatives(pattern))


def _alternatives(pattern: str) -> list[str]:
    group = re.search(r"\{([^{}]*)\}", pattern)
    if group is None:
        return [pattern]
    start, end = group.span()
    return [
        whole
        for choice in group.group(1).split(",")
        for whole in _alternatives(f"{pattern[:start]}{choice}{pattern[end:]}")
    ]
