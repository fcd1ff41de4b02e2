"""Builds the plan of one mirror from the stack file, the deployed resources and the source. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from manifests.declaration import Declaration
from manifests.estate import Estate
from manifests.metadata import Owner
from manifests.strimzi.resource import (
    SOURCE_CONNECTOR,
    MirrorFlow,
    MirrorMaker2Spec,
    read_mirror_maker2,
)
from mirror.mm2.moved import contradictions
from mirror.mm2.phase import AT_REST, REPLICATE, RETIRED, cuts_over
from mirror.plan import identities, matches, objects
from mirror.plan.differences import SpecDifference, heartbeat_differences, spec_differences
from mirror.plan.notes import source_notes, source_warnings
from mirror.plan.other_systems import other_system_notes
from mirror.plan.planned import DeployedResources, Plan, Restart, SourceLook
from mirror.plan.refused import refused_notes, refused_warnings
from mirror.plan.users import (
    changed_outside,
    credential_changes,
    remaining_notes,
    standby_notes,
    standby_warnings,
    user_changes,
)
from mirror.text.numbers import shown_number
from mirror.verify.values.refused_topic import TargetBrokers
from settings import no_loss
from settings.acls import Acl, source_user_acls
from settings.model import Settings
from settings.names import internal_topics

_ORDER: tuple[Restart, ...] = ("pods", "connectors")


def plan_of(
    settings: Settings,
    estate: Estate,
    deployed: DeployedResources,
    look: SourceLook,
    owner: Owner | None = None,
) -> Plan:
    """Return the effects of deploying `settings` over the `deployed` resources. `owner`: the stack, where its
    name is known.
    """
    declared = Declaration.of(settings, estate)
    old, new = read_mirror_maker2(deployed.mirror_maker2), read_mirror_maker2(declared.mirror_maker2)
    first = deployed.mirror_maker2 is None and deployed.unread is None
    brokers = TargetBrokers.of_resource(estate.target.kafka)
    moves = cuts_over(settings.mirror.phase, deployed.mirror_maker2, by_up=settings.cutover.by_up)
    phase = REPLICATE if moves else settings.mirror.phase
    # A promoted mirror copies nothing: what its source has concerns nobody. One that moves copies until then.
    copies = phase not in AT_REST
    warnings = (
        (*source_warnings(settings, look), *refused_warnings(settings, look, brokers)) if copies else ()
    )
    of_source = (
        *source_notes(settings, look),
        *other_system_notes(settings, look, deployed.connect_topics),
        *refused_notes(settings, look, brokers),
    )
    plan = Plan(
        mirror=settings.mirror.name,
        source=settings.source.alias,
        target=settings.target.alias,
        first=first,
        renamed_from=identities.former(settings, deployed, owner) if first else None,
        permitted=tuple(map(str, no_loss.permitted(settings))),
        unread=deployed.unread,
        notes=(
            *warnings,
            *_notes(settings, estate, deployed, owner, first),
            *(of_source if copies else ()),
        ),
        warnings=warnings,
        phase=phase,
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
    first_read = (*(_cutover(settings) if moves else ()), *standby_warnings(settings, declared, deployed))
    plan = replace(
        plan,
        notes=(
            *first_read,
            *plan.notes,
            *standby_notes(settings, declared, deployed),
            *remaining_notes(settings, declared, deployed),
        ),
        warnings=(*first_read, *plan.warnings),
        topics=matches.topic_changes(settings, flow, look),
        groups=matches.group_changes(settings, flow, look),
        users=tuple(user_changes(settings, declared, deployed)),
        rights=tuple(_rights(settings, flow, deployed)),
        objects=tuple(objects.object_changes(declared, deployed)),
    )
    if plan.renamed_from is not None:
        return replace(plan, refused=tuple(identities.refused_rename(settings, deployed, plan.renamed_from)))
    contradicted = contradictions(
        settings.mirror.name,
        settings.mirror.phase,
        settings.mirror.moved,
        deployed.mirror_maker2,
        by_up=settings.cutover.by_up,
    )
    plan = replace(plan, refused=contradicted, contradicted=contradicted)
    if first:
        return plan
    gone = tuple(objects.deleted_outside(declared, deployed))
    missing = (
        *(one.told(settings.target.namespace) for one in gone),
        *(
            f"Secret {settings.target.namespace}/{one} was changed outside Pulumi. `pulumi up` does not "
            "notice that; `pulumi up --refresh` sets it back, where it names a conflict with "
            "PULUMI_K8S_ENABLE_PATCH_FORCE=true in its environment"
            for one in changed_outside(declared, deployed)
        ),
    )
    unread = tuple(objects.unread_objects(declared, deployed))
    found = list(spec_differences(old, new))
    declared_beats = {f"{one['kind']} {one['metadata']['name']}": one for one in declared.heartbeats}
    beats = heartbeat_differences(deployed.heartbeats, declared_beats)
    credentials = tuple(credential_changes(settings, declared, deployed))
    restart, reasons = _restart(found, [one.words for one in credentials if one.rolls])
    return replace(
        plan,
        notes=(*missing, *plan.notes, *unread),
        warnings=(*missing, *plan.warnings),
        deleted=gone,
        credentials=tuple(one.words for one in credentials),
        properties=(*(one.change for one in found), *beats),
        restart=restart,
        restart_reasons=reasons,
        state=tuple(_state(old, new)),
        refused=(
            *contradicted,
            *identities.of_another(settings, deployed, owner),
            *identities.refused(settings, deployed, old),
        ),
    )


def _cutover(settings: Settings) -> Iterator[str]:
    """Say that the deployment moves producers and groups."""
    yield (
        f"`pulumi up` runs the cutover to {settings.target.alias} before it changes anything else: it "
        f"fences the producers of {settings.source.alias}, moves the groups and promotes the mirror. "
        "There is no way back after that. It fails where a step is blocked (docs/cutover.md)"
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


def _rights(settings: Settings, flow: MirrorFlow | None, deployed: DeployedResources) -> Iterator[str]:
    """Return the ACLs that the source's user needs and did not need for the deployed mirror."""
    before: set[Acl] = set()
    if flow is not None:
        mirror = replace(
            matches.deployed_mirror(settings, flow),
            heartbeats_interval_seconds=1 if deployed.heartbeats else 0,
            offset_syncs_topic_location="target"
            if flow.config(SOURCE_CONNECTOR).get("offset-syncs.topic.location") == "target"
            else "source",
        )
        old = replace(settings, mirror=mirror)
        try:
            before = set(source_user_acls(old))
        except (re.error, Warning):
            before = set()
    for acl in source_user_acls(settings):
        if acl not in before:
            prefix = "*" if acl.pattern_type == "prefix" else ""
            yield f"{', '.join(acl.operations)} on {acl.resource_type} {acl.name}{prefix}"


def _notes(
    settings: Settings, estate: Estate, deployed: DeployedResources, owner: Owner | None, first: bool
) -> Iterator[str]:
    yield from estate.warnings
    if first and settings.mirror.start_from != "earliest":
        start = f"mirroring starts at {settings.mirror.start_from} (mirror.start_from)"
        yield f"{start}; older records are not copied"
    if settings.mirror.phase == RETIRED:
        own = internal_topics(settings)
        yield (
            f"`pulumi destroy` of this retired mirror also deletes its {len(own)} internal topics on "
            f"{settings.target.alias}, and no other topic: {', '.join(own)}"
        )
    yield from identities.owner_notes(settings, deployed, owner)
