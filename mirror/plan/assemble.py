"""Builds the plan of one mirror from the stack file, the deployed resources and the source. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from manifests.declaration import Declaration
from manifests.estate import Estate
from mirror.mm2.identity import Identity, refusals
from mirror.mm2.phase import contradiction
from mirror.mm2.resource import SOURCE_CONNECTOR, MirrorFlow, MirrorMaker2Spec, read_mirror_maker2
from mirror.plan import matches
from mirror.plan.differences import SpecDifference, heartbeat_differences, spec_differences
from mirror.plan.notes import source_notes
from mirror.plan.planned import DeployedResources, Plan, Restart, SourceLook
from mirror.plan.users import credential_changes, user_changes
from mirror.text.numbers import shown_number
from settings import no_loss
from settings.acls import Acl, source_user_acls
from settings.model import Settings
from settings.replication_policy import java_class

_ORDER: tuple[Restart, ...] = ("pods", "connectors")


def plan_of(settings: Settings, estate: Estate, deployed: DeployedResources, look: SourceLook) -> Plan:
    """Return the effects of deploying `settings` over the `deployed` resources."""
    declared = Declaration.of(settings, estate)
    old, new = read_mirror_maker2(deployed.mirror_maker2), read_mirror_maker2(declared.mirror_maker2)
    first = deployed.mirror_maker2 is None and deployed.unread is None
    plan = Plan(
        mirror=settings.mirror.name,
        source=settings.source.alias,
        target=settings.target.alias,
        first=first,
        permitted=tuple(map(str, no_loss.permitted(settings))),
        unread=deployed.unread,
        notes=(*_notes(settings, estate, deployed, first), *source_notes(settings, look)),
    )
    if deployed.unread is not None:
        # A comparison with nothing would report everything as new.
        flow: MirrorFlow | None = new.flows[settings.source.alias]
        return replace(
            plan,
            topics=matches.topic_changes(settings, flow, look),
            groups=matches.group_changes(settings, flow, look),
        )
    flow = old.flows.get(settings.source.alias)
    plan = replace(
        plan,
        topics=matches.topic_changes(settings, flow, look),
        groups=matches.group_changes(settings, flow, look),
        users=tuple(user_changes(settings, declared, deployed)),
        rights=tuple(_rights(settings, flow)),
    )
    phase = contradiction(settings.mirror.name, settings.mirror.phase, deployed.mirror_maker2)
    if first:
        return replace(plan, refused=() if phase is None else (phase,))
    found = list(spec_differences(old, new))
    declared_beats = {f"{one['kind']} {one['metadata']['name']}": one for one in declared.heartbeats}
    beats = heartbeat_differences(deployed.heartbeats, declared_beats)
    credentials = tuple(credential_changes(settings, declared, deployed))
    restart, reasons = _restart(found, [one.words for one in credentials if one.rolls])
    return replace(
        plan,
        credentials=tuple(one.words for one in credentials),
        properties=(*(one.change for one in found), *beats),
        restart=restart,
        restart_reasons=reasons,
        state=tuple(_state(old, new)),
        refused=(*([] if phase is None else [phase]), *_refused(settings, old)),
    )


def _restart(found: list[SpecDifference], credentials: list[str]) -> tuple[Restart, tuple[str, ...]]:
    for level in _ORDER:
        reasons = [f"{one.change.where}: {one.change.key}" for one in found if one.restart == level]
        if level == "pods":
            reasons += credentials
        if reasons:
            return level, tuple(dict.fromkeys(reasons))
    return "nothing", ()


def _state(old: MirrorMaker2Spec, new: MirrorMaker2Spec) -> Iterator[str]:
    before, after = old.pods.get("replicas"), new.pods.get("replicas")
    if before is not None and before != after:
        pods = "pod becomes" if before == 1 else "pods become"
        yield f"{shown_number(before)} {pods} {shown_number(after)}; Connect rebalances the tasks"
    for alias, flow in sorted(new.flows.items()):
        for name, connector in flow.connectors.items():
            there = old.flows[alias].connectors[name] if alias in old.flows else {}
            was, will = str(there.get("state") or "running"), str(connector.get("state") or "running")
            if was != will:
                yield f"the {name} changes from {was} to {will}"


def _rights(settings: Settings, flow: MirrorFlow | None) -> Iterator[str]:
    """Return the ACLs that the source's user needs and did not need for the deployed patterns."""
    before: set[Acl] = set()
    if flow is not None:
        old = replace(settings, mirror=matches.deployed_mirror(settings, flow))
        try:
            before = set(source_user_acls(old))
        except (re.error, Warning):
            before = set()
    for acl in source_user_acls(settings):
        if acl not in before:
            prefix = "*" if acl.pattern_type == "prefix" else ""
            yield f"{', '.join(acl.operations)} on {acl.resource_type} {acl.name}{prefix}"


def _refused(settings: Settings, old: MirrorMaker2Spec) -> Iterator[str]:
    allowed = {settings.mirror.name} if settings.mirror.identity_change == "allow" else set()
    name = settings.mirror.name
    new = Identity.of(settings)
    for refusal in refusals({name: _identity(new, old)}, {name: new}, allowed):
        yield refusal.reason


def _identity(new: Identity, old: MirrorMaker2Spec) -> Identity:
    """Return the deployed mirror's identity; unknown parts are empty, and equal to anything."""
    aliases = sorted(old.flows)
    alias = new.source_alias if new.source_alias in old.flows or len(aliases) != 1 else aliases[0]
    flow = old.flows.get(alias)
    config: Mapping[str, object] = flow.config(SOURCE_CONNECTOR) if flow else {}
    policies = {java_class("identity"): "identity", java_class("default"): "default"}
    return Identity(
        resource=new.resource,
        source_alias=alias if flow else "",
        target_alias=str(old.target.get("alias") or ""),
        group_id=str(old.connect.get("groupId") or ""),
        configs_topic=str(old.connect.get("configStorageTopic") or ""),
        offsets_topic=str(old.connect.get("offsetStorageTopic") or ""),
        status_topic=str(old.connect.get("statusStorageTopic") or ""),
        offset_syncs_location=str(config.get("offset-syncs.topic.location") or ""),
        replication_policy=policies.get(str(config.get("replication.policy.class")), ""),
        separator=str(config.get("replication.policy.separator") or ""),
    )


def _notes(settings: Settings, estate: Estate, deployed: DeployedResources, first: bool) -> Iterator[str]:
    yield from estate.warnings
    if first and settings.mirror.start_from != "earliest":
        start = f"mirroring starts at {settings.mirror.start_from} (mirror.start_from)"
        yield f"{start}; older records are not copied"
    for other in deployed.others:
        yield (
            f"Another mirror, {other}, runs in this namespace. If this stack deployed it, `up` deletes it "
            "(its topics stay); if another stack did, nothing happens to it"
        )
