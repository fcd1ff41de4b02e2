"""Which deployed mirror a change is about: this stack's, one that it renames, or another stack's. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from manifests.metadata import OWNER, Owner, owner_of
from manifests.strimzi.resource import MirrorMaker2Spec, read_mirror_maker2
from mirror.estate.ownership import MIRROR_MAKER2, DeployedObject, refusal
from mirror.mm2.deployed_identity import identity_in, other_names
from mirror.mm2.identity import Identity, refusals
from mirror.plan.planned import DeployedResources
from settings.model import Settings
from settings.names import Names


def of_another(settings: Settings, deployed: DeployedResources, owner: Owner | None) -> Iterator[str]:
    """Refuse the mirror of another stack. This stack's state is not read here: it may know the mirror."""
    if owner is None or deployed.mirror_maker2 is None:
        return
    name = settings.mirror.name
    where = f"{settings.target.namespace}/{name}"
    there = [DeployedObject.of(MIRROR_MAKER2, where, deployed.mirror_maker2)]
    if reason := refusal(name, there, owner, known=True, take_over=settings.mirror.take_over):
        renamed = (
            "If this stack or its project was renamed: `pulumi up` knows it by its id, and is not refused."
        )
        yield f"{reason}\n  {renamed}"


def former(settings: Settings, deployed: DeployedResources, owner: Owner | None) -> str | None:
    """Return the name of the deployed mirror that this stack renames. A mirror that records no owner may be
    this stack's.
    """
    new = Identity.of(settings)
    for name, resource in deployed.others.items():
        if _may_be_ours(resource, owner) and _identity_of(settings, name, resource).becomes(new):
            return name
    return None


def refused_rename(settings: Settings, deployed: DeployedResources, old: str) -> Iterator[str]:
    """Refuse to rename the mirror `old`."""
    name = settings.mirror.name
    allowed = {name} if settings.mirror.identity_change == "allow" else set()
    olds = {old: _identity_of(settings, old, deployed.others[old])}
    for one in refusals(olds, {name: Identity.of(settings)}, allowed):
        yield one.reason


def _may_be_ours(resource: Mapping[str, Any], owner: Owner | None) -> bool:
    recorded = owner_of(resource.get("metadata") or {})
    return recorded is None or (owner is not None and owner.same_name(recorded))


def _identity_of(settings: Settings, name: str, resource: Mapping[str, Any]) -> Identity:
    resource_name = f"{settings.target.namespace}/{name}"
    return replace(identity_in(read_mirror_maker2(resource), Identity.of(settings)), resource=resource_name)


def refused(settings: Settings, deployed: DeployedResources, old: MirrorMaker2Spec) -> Iterator[str]:
    """Refuse a change of the deployed mirror's identity."""
    user = deployed.kafka_users.get(Names.of(settings).mirror_user) or {}
    cluster = str(((user.get("metadata") or {}).get("labels") or {}).get("strimzi.io/cluster") or "")
    return other_names(settings, old, cluster)


def owner_notes(settings: Settings, deployed: DeployedResources, owner: Owner | None) -> Iterator[str]:
    """Say what happens to other mirrors in the namespace, and that the owner is recorded."""
    for other, resource in deployed.others.items():
        recorded = owner_of(resource.get("metadata") or {})
        if owner is None or recorded is None:
            yield (
                f"Another mirror, {other}, runs in this namespace. If this stack deployed it, `up` deletes "
                "it (its topics stay); if another stack did, nothing happens to it"
            )
        elif owner.same_name(recorded):
            yield (
                f"Mirror {other} of this stack is not in the stack file: `up` deletes it (its topics remain)"
            )
    there = deployed.mirror_maker2
    if there is not None and owner is not None and owner_of(there.get("metadata") or {}) is None:
        yield f"`up` records {owner.name} as the owner of the mirror's objects ({OWNER}). Nothing restarts"
