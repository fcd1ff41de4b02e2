"""Judges whether a deployed mirror belongs to another Pulumi stack. Pure.

By server-side apply, two stacks that declare an object of the same name both manage it, and `pulumi destroy`
of one of them deletes the object of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from manifests.metadata import Owner, owner_of
from manifests.strimzi.resource import SOURCE_CONNECTOR, MirrorFlow, MirrorMaker2Spec, read_mirror_maker2
from mirror.estate.loops import is_cluster
from mirror.estate.origin import named
from mirror.problems import Finding
from settings.model import Settings
from settings.names import Names
from settings.replication_policy import checkpoints_topic, offset_syncs_topic

MIRROR_MAKER2 = "KafkaMirrorMaker2"
UNRECORDED = "unrecorded"
"""The value of `mirror.take_over` for a deployed mirror without a recorded owner."""


@dataclass(frozen=True, slots=True)
class DeployedObject:
    """An object of a mirror on the target, and the stack that is recorded as its owner."""

    what: str
    """Kind, namespace and name."""
    owner: Owner | None
    mirror_maker2: Mapping[str, Any] | None = None
    """The object itself, if it is a KafkaMirrorMaker2."""

    @classmethod
    def of(cls, kind: str, where: str, resource: Mapping[str, Any]) -> DeployedObject:
        """Read the owner in the object's annotations. `where`: namespace and name."""
        owner = owner_of(resource.get("metadata") or {})
        return cls(f"{kind} {where}", owner, resource if kind == MIRROR_MAKER2 else None)


def mirror_maker2_of(there: Iterable[DeployedObject]) -> Mapping[str, Any] | None:
    """Return the KafkaMirrorMaker2 of a mirror's objects; None where it is not deployed."""
    return next((one.mirror_maker2 for one in there if one.mirror_maker2 is not None), None)


def refusal(
    mirror: str, there: Iterable[DeployedObject], mine: Owner, *, known: bool, take_over: str | None
) -> str | None:
    """Return why this stack must not deploy a mirror whose objects are `there`; None where it may.

    `mine` without an id is the stack by name only: then an owner of that name is this stack. `known`:
    whether this stack's state has the mirror, or was not read. An earlier version recorded no owner, so an
    object without an owner belongs to the stack that knows the mirror.
    """
    for one in there:
        if one.owner is None:
            if not known and take_over != UNRECORDED:
                return _unrecorded(mirror, one.what, mine)
        elif not _same(one.owner, mine) and take_over != str(one.owner):
            return _owned(mirror, one.what, one.owner, mine)
    return None


def destroy_refusal(mirror: str, one: DeployedObject, mine: Owner | None) -> str | None:
    """Return why this stack must not destroy a mirror; None where it may.

    `mine`: the owner that the stack recorded last; None for a stack that an earlier version deployed.
    """
    if one.owner is None or (mine is not None and _same(one.owner, mine)):
        return None
    here = "this stack recorded no owner" if mine is None else f"this stack is {mine}"
    return "\n".join(
        [
            f"mirror {mirror}: destroying it is refused. Nothing has been deleted.",
            f"  {one.what} belongs to Pulumi stack {one.owner}; {here}. Destroying it here would delete the "
            "objects of that stack.",
            f"  To remove the mirror: run `pulumi destroy` in stack {one.owner.name}. If that is this "
            "stack, run `pulumi up` first.",
            "  To forget it in this stack without deleting anything: `pulumi stack rm --force`; or, for "
            "one of several mirrors, `pulumi state delete` for each of its resources.",
        ]
    )


def rivals(
    settings: Settings,
    there: Iterable[Mapping[str, Any]],
    target_addresses: frozenset[str],
    mine: Owner | None,
) -> tuple[list[Finding], list[str]]:
    """Findings and warnings for KafkaMirrorMaker2 beside the target that share MM2's own topics with this
    mirror: same source alias, same target. A mirror of this stack under its former name is none: the guard of
    the identity judges it.
    """
    every = {named(one): one for one in there}
    name = settings.mirror.name
    findings: list[Finding] = []
    warnings: list[str] = []
    for other, resource in sorted(every.items()):
        owner = owner_of(resource.get("metadata") or {})
        ours = mine is not None and mine.same_name(owner)
        spec = read_mirror_maker2(resource)
        into = is_cluster(str(spec.target.get("alias")), spec.target, settings.target.alias, target_addresses)
        flow = spec.flows.get(settings.source.alias)
        shared = sorted(_topics(settings, flow, spec)) if flow is not None and into else []
        if other == name or ours or not shared:
            continue
        subject = f"KafkaMirrorMaker2 {settings.target.namespace}/{other} on {settings.target.alias}"
        by = f" (Pulumi stack {owner.name})" if owner else ""
        effect = (
            f"it{by} mirrors a source with the same alias {settings.source.alias}: both mirrors would write "
            f"{' and '.join(shared)}, and each would use the offsets of the other"
        )
        renames = settings.mirror.identity_change == "allow" and owner is None
        if name in every or renames or _stopped(spec, flow):
            warnings.append(f"{subject}: {effect}")
            continue
        remedy = f"Set another source.alias in this stack, or add the topics to mirror {other}"
        if owner is None:
            remedy += f". If this stack deployed {other}: set mirror.name back to {other}"
        remedy += ". Do not delete these topics: the other mirror needs them"
        findings.append(Finding(subject, effect, remedy))
    return findings, warnings


def _same(owner: Owner, mine: Owner) -> bool:
    return owner.id == mine.id if mine.id else owner.same_name(mine)


def _topics(settings: Settings, flow: MirrorFlow, spec: MirrorMaker2Spec) -> set[str]:
    """Topics on the target that both mirrors name after aliases only."""
    names = Names.of(settings)
    config = flow.config(SOURCE_CONNECTOR)
    separator = str(config.get("replication.policy.separator", "."))
    theirs = {checkpoints_topic(separator, flow.alias)}
    ours = {names.checkpoints_topic}
    if config.get("offset-syncs.topic.location") == "target":
        theirs.add(offset_syncs_topic(separator, flow.alias))
    if settings.mirror.offset_syncs_topic_location == "target":
        ours.add(names.offset_syncs_topic)
    return ours & theirs


def _stopped(spec: MirrorMaker2Spec, flow: MirrorFlow | None) -> bool:
    state = flow.connectors[SOURCE_CONNECTOR].get("state") if flow is not None else None
    return spec.pods.get("replicas") == 0 or state in ("paused", "stopped")


def _owned(mirror: str, what: str, owner: Owner, mine: Owner) -> str:
    here = f"this stack is {mine.name}"
    if owner.same_name(mine):
        here = "a stack of this name with another state: another backend, or this stack's state was lost"
    return "\n".join(
        [
            f"mirror {mirror}: {what} belongs to Pulumi stack {owner}; {here}. Nothing has been changed.",
            "  Two stacks with one mirror.name manage the same objects, and `pulumi destroy` of one stack "
            "deletes the mirror of the other.",
            f"  If stack {owner.name} is in use: choose another mirror.name here, or run `pulumi destroy` "
            "there first.",
            *_take_over(str(owner)),
        ]
    )


def _unrecorded(mirror: str, what: str, mine: Owner) -> str:
    return "\n".join(
        [
            f"mirror {mirror}: {what} exists, and the state of stack {mine.name} does not have it. Nothing "
            "has been changed.",
            "  It records no owner: an earlier version of region-mirror deployed it from another stack, "
            "this stack's state was lost, or it was not deployed by region-mirror.",
            "  If it is in use: choose another mirror.name here; or run `pulumi up` in the stack that "
            "deployed it, which records that stack.",
            *_take_over(UNRECORDED),
        ]
    )


def _take_over(owner: str) -> list[str]:
    return [
        f"  If its state was lost: set mirror.take_over: {owner}, and run `pulumi up`. This stack then "
        "overwrites the mirror's objects and records itself as their owner; its `pulumi destroy` deletes "
        "them. Leave the setting in the stack file.",
    ]
