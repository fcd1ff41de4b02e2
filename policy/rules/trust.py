"""Rules about TLS and credentials of the connections to both clusters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from manifests.strimzi.jaas import options
from manifests.strimzi.resource import CONNECTOR_FIELDS
from policy.documents import Document, Documents
from policy.examples import REMOVED, SOURCE, TARGET, custom, sound
from policy.rule import Context, Rule, Violation
from settings.consistency.workers import is_secret, secrets_in

_CLUSTER_CA = "-cluster-ca-cert"
"""How the names of Strimzi's Secrets with a cluster CA end (`AbstractModel.clusterCaCertSecretName`)."""
_JAAS = "sasl.jaas.config"
_SECRET = re.compile(r"(password|secret|keystore\.key|refresh\.token|access\.token|client\.assertion)$", re.I)
"""Properties and options of a JAAS text whose value is a secret."""
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
            secret, pattern = str(one.get("secretName")), str(one.get("pattern") or "")
            # A Secret of cert-manager or Vault has one key, and its renewal replaces the content.
            single = not set(pattern) & set("*?[") and (not pattern or secret.endswith(_CLUSTER_CA))
            if single:
                key = pattern or one.get("certificate")
                yield Violation(
                    document.subject, f"the connection to {alias} trusts only {key} of Secret {secret}"
                )


def _login(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, alias, cluster in _ends(documents):
        login = cluster.get("authentication") or {}
        if not login:
            yield Violation(document.subject, f"the connection to {alias} has no authentication")
        elif login.get("type") == "custom" and not _custom_login(login):
            yield Violation(
                document.subject,
                f"the authentication of the connection to {alias} is custom with neither SASL (sasl: true, "
                "sasl.mechanism) nor a client certificate (ssl.keystore.*)",
            )


def _custom_login(login: Mapping[str, Any]) -> bool:
    """Tell whether authentication of type custom logs in (`KafkaClientAuthenticationCustom`)."""
    config = login.get("config") or {}
    if any(str(key).startswith("ssl.keystore.") for key in config):
        return True
    return str(login.get("sasl", "")).lower() == "true" and bool(config.get("sasl.mechanism"))


def _inline(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, alias, cluster in _ends(documents):
        config = (cluster.get("authentication") or {}).get("config") or {}
        given = {str(key): str(value) for key, value in config.items() if key != _JAAS}
        given |= {f"{_JAAS}: {key}": value for key, value in options(config.get(_JAAS, "")).items()}
        found = [key for key, value in given.items() if _SECRET.search(key) and value and "${" not in value]
        if found:
            yield Violation(
                document.subject, f"the authentication of the connection to {alias} holds {', '.join(found)}"
            )
    for document, where, config in _configs(documents):
        found = [key for key, value in config.items() if _is_inline(str(key), str(value))]
        if found:
            yield Violation(document.subject, f"{where} holds {', '.join(found)}")
    for document, spec in documents.mirror_makers():
        if found := list(dict.fromkeys(secrets_in(spec.pods))):
            yield Violation(document.subject, f"the fields of the pods hold {', '.join(found)}")


def _configs(documents: Documents) -> Iterator[tuple[Document, str, Mapping[str, Any]]]:
    """Return each configuration whose properties reach a client, a connector or a worker as they are."""
    for document, spec in documents.mirror_makers():
        yield document, "target.config", spec.worker
        for flow in spec.mirrors:
            yield document, f"source.config of {flow.alias}", flow.clients
            for connector, name in CONNECTOR_FIELDS.items():
                yield document, f"{name}.config of {flow.alias}", flow.config(connector)


def _is_inline(key: str, value: str) -> bool:
    if not key.endswith(_JAAS):
        return is_secret(key, value)
    return any(_SECRET.search(name) and text and "${" not in text for name, text in options(value).items())


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
    Rule(
        id="secrets-referred",
        title="No credential is written into the resource",
        severity="error",
        reason="Everybody who may read the KafkaMirrorMaker2 or its file in git can log in. Authentication "
        "of type custom, properties of connectors and workers, and variables of the pods take any text",
        source="Strimzi, `KafkaClientAuthenticationCustom`; Kafka, KIP-297",
        remedy="Keep the value in a Secret, write ${strimzisecrets:<namespace>/<secret>:<key>} instead, and "
        "let the workers' ServiceAccount read that Secret. Then change the credential",
        judge=_inline,
        passing=(
            sound(),
            sound(((*SOURCE, "authentication"), custom("${strimzisecrets:kafka/login:password}"))),
        ),
        failing=(sound(((*SOURCE, "authentication"), custom("written-here"))),),
    ),
)
