"""Reads the listeners of a `Kafka` resource, and judges them against the stack file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.estate import Listener
from mirror.estate.certificates import leads_to, parsable
from mirror.estate.findings import Notes
from mirror.problems import Finding
from settings.model import SourceSettings, TargetSettings


def bootstrap_of(
    kafka: Mapping[str, Any], side: SourceSettings | TargetSettings, listener: str, notes: Notes
) -> str | None:
    """The listener's bootstrap servers, from the status. None where there are none; the notes say why."""
    subject = f"Kafka {side.namespace}/{side.cluster}"
    listeners = {one.get("name"): one for one in (kafka.get("status") or {}).get("listeners") or []}
    found = listeners.get(listener)
    if found is None:
        known = ", ".join(sorted(str(name) for name in listeners)) or "none"
        message = f"its status has no listener {listener!r}; it has: {known}"
        remedy = (
            f"set `listener` of {side.alias} in the stack file to one of them, or wait until the Kafka "
            "resource is Ready"
        )
        notes.add([Finding(subject, message, remedy)])
        return None
    address = found.get("bootstrapServers") or ""
    if not address:
        message = f"listener {listener!r} has no address in the status"
        remedy = "wait until the Kafka resource is Ready, or check the listener's Service or Route"
        notes.add([Finding(subject, message, remedy)])
        return None
    return str(address)


def unfit(
    kafka: Mapping[str, Any], side: SourceSettings | TargetSettings, listener: str | None
) -> list[Finding]:
    """Findings for a listener whose TLS or authentication differs from what MM2 will use.

    The broker would close the connection, and the log would hardly say why.
    """
    subject = f"Kafka {side.namespace}/{side.cluster}"
    declared = ((kafka.get("spec") or {}).get("kafka") or {}).get("listeners") or []
    ours = next((one for one in declared if one.get("name") == listener), None)
    if ours is None:
        return []
    wants_tls = not isinstance(side, SourceSettings) or side.encrypted
    if wants_tls and not ours.get("tls"):
        message = f"listener {listener!r} has no TLS: passwords and records would cross regions unencrypted"
        remedy = f"set `listener` of {side.alias} to a listener with `tls: true`"
        if isinstance(side, SourceSettings):
            remedy += ", or accept it with source.encryption: none"
        return [Finding(subject, message, remedy)]
    if ours.get("tls") and not wants_tls:
        message = f"listener {listener!r} has TLS, but source.encryption is none: no connection would succeed"
        return [Finding(subject, message, "remove source.encryption")]
    kind = (ours.get("authentication") or {}).get("type")
    if kind == "custom" or (kind or "none") == side.authentication:
        return []
    if kind is None:
        message = (
            f"listener {listener!r} has no authentication, but `authentication` is {side.authentication}"
        )
    else:
        message = (
            f"listener {listener!r} has authentication {kind}, but `authentication` is {side.authentication}"
        )
    remedy = f"set `listener` of {side.alias} to one with {side.authentication}, or change `authentication`"
    return [Finding(subject, message, remedy)]


def distrusted(
    kafka: Mapping[str, Any],
    side: SourceSettings | TargetSettings,
    listener: str | None,
    trusted: Mapping[str, str],
) -> list[Finding]:
    """Findings for a listener that shows a certificate which no trusted certificate has signed.

    The status has what a listener shows: the cluster CA, or the chain of `brokerCertChainAndKey`. `trusted`
    is empty where public CAs are trusted. A listener of the cluster CA is not judged by that CA's Secret:
    while Strimzi renews it, the status lags behind the Secret.
    """
    ours = next((one for one in client_listeners(kafka, listener or "") if one.name == listener), None)
    if ours is None or not ours.certificates:
        return []
    subject = f"Kafka {side.namespace}/{side.cluster}"
    name = "source" if isinstance(side, SourceSettings) else "target"
    if side.public_ca and ours.own_certificate is None:
        message = f"the cluster CA signs the certificates of listener {listener!r}, and not a public CA"
        return [Finding(subject, message, f"remove {name}.public_ca")]
    if ours.own_certificate is None and not side.ca_secret:
        return []
    shown, anchors = parsable(ours.certificates), parsable(trusted.values())
    if side.public_ca or not shown or any(leads_to(one, anchors) for one in shown):
        return []
    secret = side.ca_secret or f"{side.cluster}-cluster-ca-cert"
    signer = shown[-1].issuer.rfc4514_string()
    if ours.own_certificate is None:
        message = (
            f"listener {listener!r} shows a certificate of the cluster CA, {signer}, and no certificate in "
            f"Secret {side.namespace}/{secret} has signed it: the TLS handshake would fail"
        )
        return [Finding(subject, message, f"remove {name}.ca_secret")]
    message = (
        f"listener {listener!r} has a certificate of its own, signed by {signer}, and no certificate in "
        f"Secret {side.namespace}/{secret} has signed it: the TLS handshake would fail"
    )
    remedy = (
        f"set {name}.ca_secret to a Secret in namespace {side.namespace} with the certificate of that CA "
        f"(a key *.crt), or {name}.public_ca: true if it is a public CA"
    )
    return [Finding(subject, message, remedy)]


def taking(kafka: Mapping[str, Any], authentication: str, preferred: str) -> list[Listener]:
    """Those of `client_listeners` with this authentication."""
    return [one for one in client_listeners(kafka, preferred) if one.authentication == authentication]


def client_listeners(kafka: Mapping[str, Any], preferred: str) -> list[Listener]:
    """The listeners with TLS and an address, in the order in which they are likely to be reachable: the
    listener that the mirror uses, then those of the same type (`internal`, `nodeport`, ...), then the others.
    """
    declared = ((kafka.get("spec") or {}).get("kafka") or {}).get("listeners") or []
    statuses = {one.get("name"): one for one in (kafka.get("status") or {}).get("listeners") or []}
    type_of = {one.get("name"): one.get("type") for one in declared}
    fitting = []
    for one in declared:
        status = statuses.get(one.get("name")) or {}
        if one.get("tls") and status.get("bootstrapServers"):
            own = (one.get("configuration") or {}).get("brokerCertChainAndKey") or {}
            listener = Listener(
                str(one["name"]),
                str(status["bootstrapServers"]),
                (one.get("authentication") or {}).get("type"),
                tuple(str(pem) for pem in status.get("certificates") or ()),
                own.get("secretName"),
            )
            rank = 0 if listener.name == preferred else 2 - (one.get("type") == type_of.get(preferred))
            fitting.append((rank, listener))
    return [listener for _, listener in sorted(fitting, key=lambda one: one[0])]
