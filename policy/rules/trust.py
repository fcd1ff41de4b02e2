"""Rules about TLS and credentials of the connections to both clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy.documents import Document, Documents
from policy.examples import REMOVED, SOURCE, TARGET, sound
from policy.rule import Context, Rule, Violation

_ACCEPTED = (
    "Remove source.encryption: none from the stack file and use a listener with TLS. Until the source has "
    "one, write a waiver, which needs a reason and a date"
)


def _ends(documents: Documents) -> Iterator[tuple[Document, str, Mapping[str, Any]]]:
    """Return each connection to a cluster: the target once, and each source."""
    for document, spec in documents.mirror_makers():
        for cluster in (spec.target, *(flow.connection for flow in spec.mirrors)):
            alias = str(cluster.get("alias") or "")
            if alias:
                yield document, alias, cluster


def _explicit(documents: Documents, _: Context) -> Iterator[Violation]:
    public = {
        (document.origin, document.name, side.alias)
        for document, settings in documents.settings()
        for side, said in (
            (settings.source, settings.source.trusts_public_cas),
            (settings.target, settings.target.public_ca),
        )
        if said
    }
    accepted = {
        (document.origin, document.name, settings.source.alias)
        for document, settings in documents.settings()
        if not settings.source.encrypted
    }
    for document, alias, cluster in _ends(documents):
        tls = cluster.get("tls")
        if tls is None:
            logs_in = " and logins" if cluster.get("authentication") else ""
            message = f"the connection to {alias} has no tls: records{logs_in} cross the network unencrypted"
            remedy = _ACCEPTED if (document.origin, document.name, alias) in accepted else ""
            yield Violation(document.subject, message, remedy)
        elif not tls.get("trustedCertificates") and (document.origin, document.name, alias) not in public:
            yield Violation(
                document.subject,
                f"the connection to {alias} names no trusted certificate: it trusts every public CA",
            )


def _renewal(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, alias, cluster in _ends(documents):
        for one in (cluster.get("tls") or {}).get("trustedCertificates") or []:
            if not one.get("pattern"):
                yield Violation(
                    document.subject,
                    f"the connection to {alias} trusts only {one.get('certificate')} of Secret "
                    f"{one.get('secretName')}",
                )


def _login(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, alias, cluster in _ends(documents):
        if not cluster.get("authentication"):
            yield Violation(document.subject, f"the connection to {alias} has no authentication")


RULES = (
    Rule(
        id="trust-explicit",
        title="Both connections use TLS and name the certificates that they trust",
        severity="error",
        reason="Without trusted certificates every public CA can vouch for a broker. Where a connection "
        "names neither a certificate nor a credential, Strimzi 0.47.0 to 0.49.0 also lets the pods read "
        "every Secret of their namespace",
        source="CVE-2025-66623; Strimzi, `ClientTls.trustedCertificates`",
        remedy='Set tls.trustedCertificates: [{secretName: <cluster>-cluster-ca-cert, pattern: "*.crt"}] on '
        "the TLS listener. For brokers with certificates of a public CA, set public_ca in the stack file, or "
        "write a waiver",
        judge=_explicit,
        passing=(sound(),),
        failing=(sound(((*SOURCE, "tls"), {})),),
        across=True,
    ),
    Rule(
        id="trust-survives-renewal",
        title="The trust survives the renewal of a CA",
        severity="warning",
        reason="While Strimzi renews a cluster CA, its Secret holds the old and the new certificate under "
        "two keys. A mirror that trusts one key loses its connection during the renewal",
        source="Strimzi, `CertSecretSource.pattern`",
        remedy='Replace certificate: ca.crt by pattern: "*.crt"',
        judge=_renewal,
        passing=(sound(),),
        failing=(
            sound(
                (
                    (*SOURCE, "tls", "trustedCertificates"),
                    [{"secretName": "east-cluster-ca-cert", "certificate": "ca.crt"}],
                )
            ),
        ),
    ),
    Rule(
        id="login-required",
        title="Both connections log in",
        severity="error",
        reason="A connection without a user has no ACLs of its own: the cluster is open to everybody, or the "
        "mirror has the permissions of `User:ANONYMOUS`",
        source="Kafka, `KafkaPrincipal.ANONYMOUS`",
        remedy="Give the mirror a KafkaUser on each cluster, and set authentication",
        judge=_login,
        passing=(sound(),),
        failing=(sound(((*TARGET, "authentication"), REMOVED)),),
    ),
)
