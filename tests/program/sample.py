"""An estate as `mirror.estate` would read it from two regions; every secret in it is recognizable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from manifests.estate import CopiedUser, Estate, Listener, SourceEstate, StrimziApi, TargetEstate
from manifests.metadata import Owner
from mirror.plan.assemble import plan_of
from mirror.plan.planned import DeployedResources, Plan, SourceLook
from settings.model import Settings

SECRETS = ("s3cret-of-mirror-source", "s3cret-of-orders-consumer", "s3cret-of-orders-producer", "s3cret-key")
"""Every secret text of the sample; none may stand anywhere but in a secret field."""

SCRAM_USER: dict[str, Any] = {
    "authentication": {"type": "scram-sha-512"},
    "authorization": {
        "type": "simple",
        "acls": [
            {
                "resource": {"type": "topic", "name": "orders", "patternType": "literal"},
                "operations": ["Read"],
            },
            {
                "resource": {"type": "group", "name": "orders-", "patternType": "prefix"},
                "operations": ["Read"],
            },
        ],
    },
    "quotas": {"consumerByteRate": 1048576},
}
TLS_USER: dict[str, Any] = {
    "authentication": {"type": "tls"},
    "authorization": {
        "type": "simple",
        "acls": [{"resource": {"type": "topic", "name": "customers"}, "operations": ["Write", "Describe"]}],
    },
}


def estate(settings: Settings, **changes: Any) -> Estate:
    """Return an estate that fits the settings: users whose name begins with `tls` log in with a
    certificate; a selector finds `selected`.
    """
    user_secret = (
        {"user.crt": "certificate of mirror-source", "user.key": "s3cret-key"}
        if settings.source.authentication == "tls"
        else {"password": "s3cret-of-mirror-source"}
    )
    credentials = settings.source.credentials
    public_ca = credentials is not None and credentials.public_ca
    users = (*settings.users.copy, *(["selected"] if settings.users.selector else []))
    source = {
        "bootstrap_servers": settings.source.bootstrap_servers or "localhost:19093",
        "ca": {} if public_ca else {"ca.crt": "certificate of east", "ca-2025.crt": "former certificate"},
        "user_secret": user_secret,
        "kafka_users": tuple(
            CopiedUser(name, TLS_USER)
            if name.startswith("tls")
            else CopiedUser(name, SCRAM_USER, f"s3cret-of-{name}")
            for name in users
        ),
        **changes,
    }
    api: StrimziApi = "v1beta2" if settings.target.api_version == "v1beta2" else "v1"
    listeners = (
        Listener("mtls", "localhost:29095", "tls"),
        Listener("scram", "localhost:29094", "scram-sha-512"),
    )
    target = TargetEstate("localhost:29094", {"ca.crt": "certificate of west"}, api, listeners)
    return Estate(SourceEstate(**source), target)


def unread(mirrors: Sequence[tuple[Settings, Estate]], root: Path, owner: Owner) -> list[Plan]:
    """Return what a plan says where nothing could be looked at."""
    why = DeployedResources(unread="no region here")
    look = SourceLook(topics_unknown="no region here", groups_unknown="no region here")
    return [plan_of(settings, estate, why, look, owner) for settings, estate in mirrors]
