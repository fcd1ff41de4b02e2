"""groups-idle-on-target: no group whose offsets are being synced has members on the target.

MM2 writes translated offsets only to groups that are empty or unknown there, and skips the others with no
more than a line in the worker's log (KIP-545; `MirrorCheckpointTask.syncGroupOffset`, 4.3.1). A group that
becomes active between MM2's look and its write may even be set back (KAFKA-19794). Both end the same way for
whoever moves the group: its offset on the target is not the one that was verified.

    source   billing: o o o o o|o o      offset 5, goes on
    target   billing: o o|o o o o o      2 members: stays where its members put it
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, read_mirror_maker2
from mirror.problems import Finding
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.verify.check import Check
from mirror.verify.reading.active_groups import groups_on_target
from mirror.verify.reading.look import Look, resource
from mirror.verify.reading.parts import source_groups
from mirror.verify.report import CheckResult
from mirror.verify.values.active_group import GroupOnTarget

NAME = "groups-idle-on-target"
_SHOWN = 3
SYNC = "sync.group.offsets.enabled"
"""MM2's default is false (`MirrorCheckpointConfig`); region-mirror writes true."""


def judge(synced: Collection[str], seen: Sequence[GroupOnTarget], not_synced: str | None) -> CheckResult:
    """`synced` are the groups that the mirror takes along, `seen` those of them that are not idle for sure;
    `not_synced` says why MM2 writes no offsets, where it does not."""
    active = [one for one in seen if one.members or one.unseen is not None]
    facts: dict[str, Any] = {
        "groups": len(synced),
        "synced": not_synced is None,
        "active": {
            one.group: {
                "state": one.state,
                "members": len(one.members),
                "clients": sorted({f"{member.client_id} at {member.host}" for member in one.members}),
            }
            for one in active
        },
    }
    if not_synced is not None:
        summary = f"MM2 does not write the groups' offsets on the target: {not_synced}"
        if members := [one.group for one in active if one.members]:
            summary += f"; {len(members)} of {len(synced)} groups are active there"
        return CheckResult.of(NAME, summary, [], facts)
    findings = [_finding(one) for one in sorted(active, key=lambda one: one.group)]
    summary = (
        "the group has no members on the target"
        if len(synced) == 1
        else f"none of the {len(synced)} groups has members on the target"
    )
    if findings:
        summary = (
            f"{len(findings)} of {len(synced)} groups are active on the target, or their state is unknown"
        )
    return CheckResult.of(NAME, summary, findings, facts)


def not_synced(resource: Mapping[str, Any], source_alias: str) -> str | None:
    """Why the deployed KafkaMirrorMaker2 writes no group's offset; None where it does."""
    for mirror in read_mirror_maker2(resource).mirrors:
        if mirror.alias != source_alias:
            continue
        if CHECKPOINT_CONNECTOR in mirror.undeclared:
            return "the mirror has no checkpoint connector"
        if str(mirror.config(CHECKPOINT_CONNECTOR).get(SYNC, "false")).lower() != "true":
            return f"{SYNC} is off"
        state = mirror.connectors[CHECKPOINT_CONNECTOR].get("state") or "running"
        return None if state == "running" else f"the checkpoint connector is declared {state}"
    return f"the KafkaMirrorMaker2 does not mirror from {source_alias}"


def _finding(one: GroupOnTarget) -> Finding:
    subject = f"group {one.group}"
    if one.unseen is not None and not one.members:
        return Finding(
            subject,
            f"whether it is active on the target is unknown: {one.unseen}",
            "the verifier needs Describe on the group: `pulumi up` declares it; then look at the coordinator",
        )
    clients = sorted({f"{member.client_id} at {member.host}" for member in one.members})
    return Finding(
        subject,
        f"it is active on the target with {counted(len(one.members), 'member')} ({few(clients, _SHOWN)}), so "
        "MM2 does not sync its offsets, or sets it back (KAFKA-19794)",
        "stop those consumers until the cutover; where the group has moved for good, leave it out of the "
        "sync (`mirror.groups_exclude`) or end the mirror",
    )


def _of(look: Look) -> CheckResult:
    why_not = not_synced(look.resource, look.settings.source.alias)
    return judge(look.of(source_groups), look.of(groups_on_target), why_not)


CHECK = Check(
    NAME,
    "no group is active on the target while its offsets are synced",
    reads=(resource, source_groups, groups_on_target),
    judge=_of,
)
