"""The one user of a source outside Kubernetes: it may read what a mirror reads, and nothing besides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from lab.layout import Lab
from lab.operator.user.kafka import Kafka
from lab.operator.user.model import AclRule
from lab.outside.seed import TOPICS
from lab.region import clients
from settings.acls import source_user_acls
from settings.model import ANONYMOUS, MirrorSettings, Settings, SourceSettings, TargetSettings

READER = "mirror"
"""As a SASL user; with a client certificate it is `CN=mirror`."""

_SCRAM = {
    "SCRAM-SHA-256": ScramMechanism.SCRAM_SHA_256,
    "SCRAM-SHA-512": ScramMechanism.SCRAM_SHA_512,
}
_ITERATIONS = 4096


def create(lab: Lab, name: str, password: str, mechanisms: Sequence[str]) -> None:
    """Give the reader its password under each SCRAM mechanism, and its rights. Again: the same."""
    config = clients.admin_client_config(lab, name)
    scram = [_SCRAM[mechanism] for mechanism in mechanisms if mechanism in _SCRAM]
    if scram:
        set_password(config, password, scram)
    Kafka(config).reconcile_acls(READER if mechanisms else f"CN={READER}", _rules(name))


def let_anybody_read(lab: Lab, name: str) -> None:
    """Give what the reader may do to every client that does not log in."""
    Kafka(clients.admin_client_config(lab, name)).reconcile_acls(ANONYMOUS, _rules(name))


def set_password(config: dict[str, Any], password: str, mechanisms: Sequence[ScramMechanism]) -> None:
    """One password under each of the SCRAM mechanisms; it counts for logins from now on."""
    admin = AdminClient(config)
    for mechanism in mechanisms:
        info = ScramCredentialInfo(mechanism, _ITERATIONS)
        change = UserScramCredentialUpsertion(READER, info, password.encode())
        for done in admin.alter_user_scram_credentials([change]).values():
            done.result(timeout=30)


def _rules(name: str) -> list[AclRule]:
    """What region-mirror itself says that the user of such a mirror needs."""
    settings = Settings(
        source=SourceSettings(alias=name, user=READER),
        target=TargetSettings(alias="west", cluster="west", namespace="kafka", listener="mtls"),
        mirror=MirrorSettings(name=f"{name}-to-west", topics=(f"{TOPICS[name]}.*",)),
    )
    return [
        AclRule(acl.resource_type, acl.name, acl.pattern_type, operation, "*", "allow")
        for acl in source_user_acls(settings)
        for operation in acl.operations
    ]
