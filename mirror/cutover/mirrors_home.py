"""Finds the mirrors that lead from the target back to the old region, and take the same topics home.

From the moment in which such a mirror copies, the old region has records of the target behind the last
position of the way out. Nothing tells them from records that never crossed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from manifests.strimzi.deployed_flow import deployed_flow
from manifests.strimzi.resource import read_mirror_maker2
from mirror.cutover.step import Verdict, World
from mirror.estate.fenced_user import PREFIX, noted_in
from mirror.estate.kafka_user_acls import rules_of
from mirror.mm2.phase import REPLICATE, phase_of, promoted_since
from mirror.problems import CouldNotRun
from mirror.text.names import few
from settings import filters
from settings.model import Settings
from settings.names import original_of
from settings.overlap import Flow, flows_on

_OUT_AGAIN = "To leave the region again, deploy a mirror of the way out anew"


def mirrors_in_old_region(world: World) -> list[dict[str, Any]]:
    """Return the KafkaMirrorMaker2 resources beside the old region's Kafka. Raises CouldNotRun."""
    source, kubernetes = world.settings.source, world.source_kubernetes
    if kubernetes is None:
        raise CouldNotRun(
            f"looking for the way back in {source.alias}",
            "its Kubernetes is not in the stack file",
            "look yourself whether clients have moved home",
        )
    return kubernetes.strimzi_list("KafkaMirrorMaker2", str(source.namespace))


def leads_back(settings: Settings, resource: Mapping[str, Any]) -> bool:
    """Whether a mirror copies from the target to the old region, and may copy a topic of the way out. Mirrors
    of other topics may lead the same way. Pure.
    """
    old, new = settings.source.alias, settings.target.alias
    found = read_mirror_maker2(resource)
    flow = found.flows.get(new)
    if flow is None or found.target.get("alias") != old:
        return False
    back = deployed_flow(name_of(resource), flow, old)
    # With prefixes, too, the topics that go home have the names of the originals.
    mirror = settings.mirror
    out = Flow(
        mirror.name,
        old,
        new,
        "identity",
        mirror.topics,
        mirror.topics_exclude,
        mirror.replication_policy_separator,
    )
    return back is None or flows_on(out, back) is not None


def later(back: str | None, out: str | None) -> bool:
    """Whether the way back was promoted after the way out; an older one belongs to an earlier round trip."""
    if back is None or out is None:
        return back is not None
    try:
        return datetime.fromisoformat(back) > datetime.fromisoformat(out)
    except (ValueError, TypeError):
        return False


def taken_home(settings: Settings, since: str | None, mirrors: Iterable[Mapping[str, Any]]) -> str:
    """Say which mirror has made the old region production again; empty where none has. Pure."""
    old, new = settings.source.alias, settings.target.alias
    for one in mirrors:
        at = promoted_since(one)
        if phase_of(one) != REPLICATE and leads_back(settings, one) and later(at, since):
            return f"mirror {name_of(one)} has taken production from {new} home to {old} at {at}"
    return ""


def brings_records(settings: Settings, since: str | None, mirrors: Iterable[Mapping[str, Any]]) -> str:
    """Say which mirror has brought records to the topics of the way out in the old region, or has made them
    production again; empty where none has. With prefixes a mirror writes to other topics there. Pure.
    """
    mirrors = list(mirrors)
    if home := taken_home(settings, since, mirrors):
        return home
    if settings.mirror.replication_policy == "default":
        return ""
    copying = (name_of(one) for one in mirrors if phase_of(one) == REPLICATE and leads_back(settings, one))
    return next(
        (f"mirror {one} copies {settings.target.alias} to {settings.source.alias}" for one in copying), ""
    )


def refuse_way_back(world: World, since: str, tried: str) -> str:
    """Raise CouldNotRun where a mirror has brought records to the old region since the promotion. Return why
    that is not known, empty where it is.
    """
    settings = world.settings
    try:
        mirrors = mirrors_in_old_region(world)
    except CouldNotRun as error:
        return f"whether a mirror copies {settings.target.alias} back is not known: {error.happened}"
    if said := brings_records(settings, since or None, mirrors):
        old, new = settings.source.alias, settings.target.alias
        raise CouldNotRun(
            tried,
            f"{said}: behind MM2's position {old} has records of {new} now, or of its clients, and nothing "
            "tells them from records that never crossed",
            f"what never crossed is not lost: it is in the topics of {old}, before those records, and "
            "clients find it there after the way home. Nothing was written",
        )
    return ""


def gone_home(world: World, since: str | None) -> str:
    """Say which mirror has made the old region production again since the promotion; empty where none has, or
    nobody can see that.
    """
    with suppress(CouldNotRun):
        if world.source_kubernetes is not None:
            return taken_home(world.settings, since or None, mirrors_in_old_region(world))
    return ""


def move_is_over(world: World, since: str | None) -> Verdict | None:
    """Block a command that would move clients out again by a mirror whose clients have gone home since: its
    steps fence production, and start workloads on the target. None where they have not.
    """
    if not (home := gone_home(world, since)):
        return None
    old = world.settings.source.alias
    return Verdict("blocked", f"{home}: this move is over, and {old} is production", _OUT_AGAIN)


def fenced_since(world: World) -> Verdict | None:
    """Block a failover by a mirror that was promoted before, where the cutover of another one has fenced the
    target since: clients have gone home, and this mirror has copied nothing of what they wrote there. Read on
    the target, because the old region may be lost. None where no KafkaUser says so, or nobody may list them.
    """
    settings, users = world.settings, []
    with suppress(CouldNotRun):
        ours = {"strimzi.io/cluster": settings.target.cluster}
        users = world.target_kubernetes.strimzi_list("KafkaUser", settings.target.namespace, ours)
    since = promoted_since(world.resource())
    fences = fenced_by(settings, users, since)
    return moved_since(settings, fences, since) if fences else None


def moved_since(settings: Settings, fences: Mapping[str, Collection[str]], since: str | None) -> Verdict:
    """Block what would let clients write to the target again. `fences`: KafkaUsers there by the mirror whose
    fence of after the promotion (`since`) holds them. Pure.
    """
    old, new = settings.source.alias, settings.target.alias
    held = sorted({user for users in fences.values() for user in users})
    return Verdict(
        "blocked",
        f"this mirror was promoted at {since}, and has copied nothing since. The "
        f"fence of {few(sorted(fences))} holds {few(held)} on {new}: clients have "
        f"moved to {old} since, and what they wrote there is on {old} only",
        f"while {old} serves clients, nothing is left to do: to move them to {new} again, deploy this mirror "
        f"anew. If {old} is lost and clients are to go on with what {new} has, let them write there again "
        f"with the stack file of mirror {few(sorted(fences))}: `region-mirror cutover rollback "
        f"--target-is-lost`, or, while the Kubernetes of {old} answers, `region-mirror reopen "
        "--accept-unmirrored`. Then run this command again",
    )


def fenced_by(
    settings: Settings, users: Iterable[Mapping[str, Any]], since: str | None
) -> dict[str, set[str]]:
    """Return the KafkaUsers that may not write to this mirror's topics, by the other mirror whose fence that
    is. Not by one of before the promotion (`since`), by which clients had come to this mirror's source. Of
    the one whose way back this mirror is, only a fence that is known to be newer: step `unfence-target`
    removes the older one. Where this mirror copies users, its promotion changes them, and that is the only
    time that they tell. The ACLs count: the annotation stays where `pulumi up` of the way out, deployed anew,
    has replaced them. Pure.
    """
    found: dict[str, set[str]] = {}
    for user in users:
        there = set(rules_of(user.get("spec") or {}))
        for key, text in ((user.get("metadata") or {}).get("annotations") or {}).items():
            mirror = str(key).removeprefix(PREFIX)
            if mirror in (key, settings.mirror.name):
                continue
            at = _noted_at(user, key)
            unsure = at is None or since is None or bool(settings.users.copy)
            if mirror == settings.cutover.way_back_of and unsure:
                continue
            if at is not None and not later(at, since):
                continue
            noted = rules_of({"authorization": {"acls": noted_in(str(text)) or []}})
            names = [rule.name for rule in noted if rule in there]
            if any(filters.mirrored(settings, original_of(settings, name) or name) for name in names):
                found.setdefault(mirror, set()).add(name_of(user))
    return found


def _noted_at(user: Mapping[str, Any], annotation: str) -> str | None:
    """When an annotation was written, by `metadata.managedFields`; None where these do not say."""
    for one in (user.get("metadata") or {}).get("managedFields") or []:
        fields = (one.get("fieldsV1") or {}).get("f:metadata") or {}
        if f"f:{annotation}" in (fields.get("f:annotations") or {}):
            return str(one["time"]) if one.get("time") else None
    return None


def refuse_production(world: World, since: str, tried: str) -> None:
    """Raise CouldNotRun where a mirror has made the old region production again since the promotion: its
    producers are not to be stopped.
    """
    if home := gone_home(world, since):
        way_out = f"nothing was fenced, and nothing is left to recover by this mirror. {_OUT_AGAIN}"
        raise CouldNotRun(tried, f"{home}: its producers write there", way_out)


def name_of(resource: Mapping[str, Any]) -> str:
    """The name of a resource."""
    return str((resource.get("metadata") or {}).get("name"))
