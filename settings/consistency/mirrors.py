"""Rules between the mirrors of one stack.

Each mirror is a KafkaMirrorMaker2 with its own Connect group. The mirrors share clusters, and MM2 names some
of its topics there after an alias only: two mirrors with the same aliases would read each other's offset
syncs and checkpoints. (In one Connect group they would use the same connector name: Strimzi 1.2.0 then gets
409 responses for ever.)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from settings.consistency.same_clusters import SameClusters
from settings.draft import NotSound
from settings.filters import own_topic_excludes
from settings.loops import loops
from settings.model import Settings
from settings.names import Names, source_secrets
from settings.overlap import Flow, both_write
from settings.problems import Problem

PairRule = Callable[[SameClusters, str, Settings, str, Settings], Iterator[Problem]]


def mismatches(mirrors: Mapping[str, Settings]) -> Iterator[Problem]:
    """Find inconsistencies between mirrors, keyed by name; rules that need a broken setting are skipped."""
    clusters = SameClusters.of(mirrors)
    for (name, settings), (other, others) in itertools.combinations(mirrors.items(), 2):
        for rule in _PAIR_RULES:
            with suppress(NotSound):
                yield from rule(clusters, name, settings, other, others)
    flows = {}
    for name, settings in mirrors.items():
        with suppress(NotSound):
            flows[name] = flow(settings, clusters.source(name), clusters.target(name))
    for loop in loops(tuple(flows.values())):
        last = loop.flows[-1]
        names = ", ".join(found.name for found in loop.flows)
        told = f"mirrors {loop.topics} in a loop ({names}): {loop.reason}"
        yield Problem(f"mirrors.{last.name}", f"{last.source} -> {last.target}", told, loop.remedy)


def flow(settings: Settings, source_cluster: str = "", target_cluster: str = "") -> Flow:
    """Return the data of a mirror that the rules for loops and overlaps need."""
    mirror = settings.mirror
    return Flow(
        name=mirror.name,
        source=settings.source.alias,
        target=settings.target.alias,
        policy=mirror.replication_policy,
        topics=mirror.topics,
        topics_exclude=own_topic_excludes(mirror),
        separator=mirror.replication_policy_separator,
        source_cluster=source_cluster,
        target_cluster=target_cluster,
    )


def one_cluster_has_one_alias_a_target(
    clusters: SameClusters, name: str, settings: Settings, other: str, others: Settings
) -> Iterator[Problem]:
    """MM2 names its own topics after an alias only, not after the mirror."""
    topics = _aliased(clusters, name, settings) & _aliased(clusters, other, others)
    if topics:
        shared = " and ".join(sorted(topic for _, topic in topics))
        rule = f"would share {shared} with mirror {other}: each would use the offsets of the other"
        alias = f"{settings.source.alias} -> {settings.target.alias}"
        remedy = "Use one mirror with the topics of both, or give the source another alias in one of them"
        yield Problem(f"mirrors.{name}", alias, rule, remedy)


def connect_groups_differ(
    clusters: SameClusters, name: str, settings: Settings, other: str, others: Settings
) -> Iterator[Problem]:
    """Workers with the same group share connectors, and the topics hold the state of one group only."""
    if clusters.target(name) != clusters.target(other):
        return
    mine, theirs = Names.of(settings), Names.of(others)
    for group in sorted(_heartbeats(settings) & {theirs.group_id} | _heartbeats(others) & {mine.group_id}):
        rule = f"gives Connect's group {group} to the heartbeats of one mirror and the workers of the other, "
        rule += f"{other}: both would use one set of topics"
        yield Problem(f"mirrors.{name}.mirror.name", settings.mirror.name, rule, "Rename one of the mirrors")
    if mine.group_id == theirs.group_id:
        rule = f"is also the Connect group of mirror {other}: their workers would share connectors"
        yield Problem(f"mirrors.{name}.mirror.group_id", mine.group_id, rule, "Choose another one")
    taken = {theirs.configs_topic, theirs.offsets_topic, theirs.status_topic}
    for key in ("configs_topic", "offsets_topic", "status_topic"):
        if (topic := getattr(mine, key)) in taken:
            rule = f"is also a Connect topic of mirror {other}: each would overwrite the state of the other"
            yield Problem(f"mirrors.{name}.mirror.{key}", topic, rule, "Choose another one")


def users_are_made_once(
    clusters: SameClusters, name: str, settings: Settings, other: str, others: Settings
) -> Iterator[Problem]:
    """Only one mirror can manage a KafkaUser or a Secret of the target's namespace, also where the namespace
    has several Kafka clusters.
    """
    one_place = settings.target.place == others.target.place
    if clusters.target(name) != clusters.target(other) and not one_place:
        return
    mine, theirs = Names.of(settings), Names.of(others)
    for index, user in enumerate(settings.users.copy):
        path = f"mirrors.{name}.users.copy[{index}]"
        if user in others.users.copy:
            rule = f"is also copied by mirror {other} to the same namespace"
            yield Problem(path, user, rule, f"Remove it from users.copy of {name} or of {other}")
        if user in (theirs.mirror_user, theirs.verifier_user):
            yield Problem(
                path, user, f"is the name of a user that mirror {other} creates", "Rename the mirror"
            )
    for user in others.users.copy:
        if user in (mine.mirror_user, mine.verifier_user):
            rule = f"would create a user with the name {user!r}, which mirror {other} copies"
            yield Problem(f"mirrors.{name}", name, rule, "Rename the mirror")
    # Both may refer to one Secret that something else maintains.
    secrets = _secrets(mine, settings) & (_secrets(theirs, others) | _referred(others))
    secrets |= _referred(settings) & _secrets(theirs, others)
    users = {mine.mirror_user, mine.verifier_user} & {theirs.mirror_user, theirs.verifier_user}
    for clash in sorted(secrets | users):
        rule = f"would create {clash!r} on the target, and so would mirror {other}"
        yield Problem(f"mirrors.{name}", name, rule, "Rename one of the mirrors")


def topics_have_one_source(
    clusters: SameClusters, name: str, settings: Settings, other: str, others: Settings
) -> Iterator[Problem]:
    """Offsets that are translated from two sources for one topic would overwrite each other."""
    if clusters.target(name) != clusters.target(other):
        return
    mine, theirs = flow(settings), flow(others)
    if mine.source != theirs.source and (topics := both_write(mine, theirs)):
        rule = (
            f"and mirror {other} may both write {topics} on the target: translated offsets of one source "
            "would overwrite those of the other, and groups would skip records"
        )
        remedy = "Use replication_policy default, or topics that cannot overlap: names or prefixes"
        yield Problem(f"mirrors.{name}", list(settings.mirror.topics), rule, remedy)


_PAIR_RULES: tuple[PairRule, ...] = (
    one_cluster_has_one_alias_a_target,
    connect_groups_differ,
    users_are_made_once,
    topics_have_one_source,
)


def _heartbeats(settings: Settings) -> set[str]:
    """Return Connect's group of the heartbeats, if there are any. It has topics of its own name."""
    return {Names.of(settings).heartbeats} if settings.mirror.heartbeats_interval_seconds else set()


def _aliased(clusters: SameClusters, name: str, settings: Settings) -> set[tuple[str, str]]:
    """Return the topics that are named after an alias, each with its cluster."""
    names = Names.of(settings)
    on_target = settings.mirror.offset_syncs_topic_location == "target"
    return {
        (clusters.target(name), names.checkpoints_topic),
        (clusters.target(name) if on_target else clusters.source(name), names.offset_syncs_topic),
    }


def _secrets(names: Names, settings: Settings) -> set[str]:
    own = {*source_secrets(settings), names.mirror_user, names.verifier_user}
    return own | {names.password_secret(user) for user in settings.users.copy}


def _referred(settings: Settings) -> set[str]:
    """Return the Secrets that `source.credentials.secret_ref` names."""
    referred = settings.source.secret_ref
    return {referred.name, referred.ca_secret or referred.name} if referred else set()
