"""A mirror that is deployed as some settings say, and a source that has some topics and groups."""

from __future__ import annotations

import base64
from typing import Any

from manifests.declaration import Declaration
from manifests.estate import Estate
from manifests.metadata import DECLARED, Owner
from mirror.plan.assemble import plan_of
from mirror.plan.planned import DeployedResources, Plan, SourceLook
from settings.model import Settings
from tests.program.sample import estate

SOURCE = SourceLook(
    {"orders": (3, 1200), "payments": (2, 30), "invoices": (1, 7), "__consumer_offsets": (50, 9)},
    ("billing", "console-consumer-17", "shipping"),
)


def deployed(settings: Settings, there: Estate | None = None, **changes: Any) -> DeployedResources:
    """What the target has after `settings` were deployed, as its API server gives it back."""
    declared = Declaration.of(settings, there or estate(settings))
    users = [declared.mirror_user, declared.verifier_user, *declared.copied_users.values()]
    secrets = [one for one in (declared.source_user, declared.source_ca, *declared.passwords.values()) if one]
    values: dict[str, Any] = {
        "mirror_maker2": _floats(declared.mirror_maker2),
        "kafka_users": {user["metadata"]["name"]: _floats(user) for user in users},
        "heartbeats": {
            f"{one['kind']} {one['metadata']['name']}": _floats(one) for one in declared.heartbeats
        },
        "objects": {
            f"{one['kind']} {one['metadata']['name']}": one["metadata"]["annotations"][DECLARED]
            for one in declared.beside_the_mirror
        },
        "secrets": {
            one["metadata"]["name"]: {key: base64.b64decode(value) for key, value in one["data"].items()}
            for one in secrets
        },
    }
    return DeployedResources(**{**values, **changes})


def plan(
    new: Settings,
    old: Settings | None = None,
    *,
    there: Estate | None = None,
    here: Estate | None = None,
    look: SourceLook = SOURCE,
    owner: Owner | None = None,
    **changes: Any,
) -> Plan:
    """Plan the way from one stack file to another; without `old`, the first deployment. `changes` of what is
    deployed.
    """
    before = DeployedResources(**changes) if old is None else deployed(old, there, **changes)
    return plan_of(new, here or estate(new), before, look, owner)


def _floats(value: Any) -> Any:
    """Pulumi hands every number on as a float, and so Kubernetes gives it back."""
    if isinstance(value, dict):
        return {key: _floats(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_floats(part) for part in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
