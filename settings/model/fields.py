"""How the fields of all sections are described."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from settings.rules import kubernetes


def meta(doc: str, **rule: Any) -> dict[str, Any]:
    """Return a field's metadata: its description and its rules."""
    return {"doc": doc, **rule}


def interval(default: int, doc: str) -> int:
    """Make a field for an interval of 1 second to 1 day, in seconds."""
    value: int = field(default=default, metadata=meta(doc, minimum=1, maximum=86_400))
    return value


def listener_ca_secret() -> str | None:
    """Make the field `ca_secret` of a cluster that Strimzi runs."""
    value: str | None = field(
        default=None,
        metadata=meta(
            "Secret in `namespace` with the CA certificates (`*.crt`) that signed the certificates "
            "of `listener`. Absent: `<cluster>-cluster-ca-cert`. Needed for a listener with a "
            "certificate of its own (`brokerCertChainAndKey`).",
            rule=kubernetes.resource_name,
        ),
    )
    return value


def listener_public_ca(more: str = "") -> bool:
    """Make the field `public_ca` of a cluster that Strimzi runs; `more` is added to its description."""
    value: bool = field(
        default=False,
        metadata=meta(
            "Set to true if a public CA signed the certificate of `listener`: the CAs that Java and "
            f"the system trust are used.{more}"
        ),
    )
    return value
