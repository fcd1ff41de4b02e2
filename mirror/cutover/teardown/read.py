"""Reads what speaks against destroying a mirror: clients on the target, and records that are not mirrored.

The target is read with a login of its own, because the source may be lost for ever when a mirror is
destroyed. A part that cannot be read is a reason against it, never an error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mirror.clients.access import ClusterAccess
from mirror.clients.answers import not_there
from mirror.clients.cluster import Cluster
from mirror.clients.group_states import is_idle
from mirror.clients.kubernetes import Kubernetes
from mirror.clients.other_groups import MEMBERS_UNSEEN
from mirror.clients.reader import Reader
from mirror.clients.records import TopicPartition, Unread
from mirror.cutover.teardown.judge import MovedOffset, Use, Waiting, moved_offsets, waiting_records
from mirror.estate.connection import connect
from mirror.estate.kafka_user_acls import AclRule, rules_of
from mirror.mm2.phase import RETIRED, move_in_progress, phase_of
from mirror.mm2.topics import Checkpoints
from mirror.problems import CouldNotRun, NotThere
from mirror.text.failures import reason_of
from mirror.verify.reading.look import Look, Session, resource
from mirror.verify.reading.parts import committed, lags, source_groups
from mirror.verify.values.active_group import GroupOnTarget, Member
from settings import filters
from settings.model import Settings
from settings.names import Names, original_of


def read_use(settings: Settings, spec: Mapping[str, Any], root: Path, *, clients: bool) -> Use:
    """Read both clusters. `spec`: of the KafkaMirrorMaker2 as it was declared, for one that was deleted by
    hand. `root`: base folder of kubeconfig paths. `clients`: whether clients on the target matter.
    """
    active: Sequence[GroupOnTarget] = ()
    moved: Sequence[MovedOffset] = ()
    waiting, unknown = Waiting(), []
    on_source: Mapping[str, int] = {}
    with ExitStack() as stack:
        session = Session(settings, root, stack)
        try:
            deployed = _resource(session, spec)
            target = session.deployed.access(deployed).target
        except CouldNotRun as error:
            reason = f"whether clients use the target, and whether records wait: {reason_of(error)}"
            return Use(unknown=[reason])
        if clients:
            try:
                active, moved, unseen = clients_of(settings, target)
                unknown += unseen
            except CouldNotRun as error:
                unknown.append(f"whether clients use {settings.target.alias}: {reason_of(error)}")
        look = Look(session, frozenset((committed, lags)))
        look.give(resource, deployed)
        try:
            waiting, uncounted = waiting_records(look.of(lags), look.of(committed).at)
            unknown += [f"whether records wait in {one}" for one in uncounted]
        except CouldNotRun as error:
            unknown.append(f"whether records wait on {settings.source.alias}: {reason_of(error)}")
        if settings.mirror.phase == RETIRED:
            try:
                on_source, unseen = _members(look)
                unknown += unseen
            except CouldNotRun as error:
                unknown.append(f"whether clients use {settings.source.alias}: {reason_of(error)}")
    return Use(active, moved, waiting, on_source, phase_of(deployed), move_in_progress(deployed), unknown)


def read_users(
    settings: Settings, spec: Mapping[str, Any], users: Collection[str], root: Path
) -> tuple[dict[str, list[AclRule] | None], Use]:
    """Read the ACLs of copied users, and which groups use the target. Users that do not exist are left out.
    Parameters as for `read_use`.
    """
    with ExitStack() as stack:
        session = Session(settings, root, stack)
        try:
            deployed = _resource(session, spec)
            rules = _rules(connect(settings.target, root), settings.target.namespace, users)
            active, moved, unknown = clients_of(settings, session.deployed.access(deployed).target)
        except CouldNotRun as error:
            reason = f"whether clients use {settings.target.alias}: {reason_of(error)}"
            return dict.fromkeys(users), Use(unknown=[reason])
    return rules, Use(active, moved, unknown=unknown)


def _rules(kubernetes: Kubernetes, namespace: str, users: Collection[str]) -> dict[str, list[AclRule] | None]:
    found: dict[str, list[AclRule] | None] = {}
    for user in sorted(users):
        try:
            spec = kubernetes.strimzi("KafkaUser", namespace, user).get("spec") or {}
        except NotThere:
            continue
        found[user] = rules_of(spec) if spec.get("authorization") else None
    return found


def _members(look: Look) -> tuple[dict[str, int], list[str]]:
    """Return the members of the mirror's groups at the source, and why some are unknown. Raises
    CouldNotRun."""
    found = look.sides.source.members(look.of(source_groups))
    unknown = [
        f"whether group {group} has members at the source: {answer.reason}"
        for group, answer in found.items()
        if isinstance(answer, Unread)
    ]
    return {group: count for group, count in found.items() if isinstance(count, int) and count}, unknown


def clients_of(
    settings: Settings, access: ClusterAccess
) -> tuple[list[GroupOnTarget], list[MovedOffset], list[str]]:
    """Return the groups with members on copies, the groups of any type that committed there, and why it is
    not known of others. Raises CouldNotRun.
    """
    with Cluster(access) as target, ExitStack() as stack:
        target.connect()
        topics = target.topics()
        copies = {topic for topic in topics if _is_copy(settings, topic)}
        states = {
            group: state
            for group, state in target.group_states().items()
            if filters.group_matches(settings.mirror, group)
        }
        others = [group for group in target.other_groups() if filters.group_matches(settings.mirror, group)]
        offsets = {
            group: found if isinstance(found, Unread) else _on(copies, found)
            for group, found in target.group_offsets([*states, *others]).items()
        }
        active = _active(target, states, offsets, copies)
        # After the offsets: MM2 writes a checkpoint before it sets the offset.
        name = Names.of(settings).checkpoints_topic
        newest: Mapping[Any, Any] = {}
        if name in topics:
            newest = Checkpoints(target, stack.enter_context(Reader(access)), name).read()
    unknown = _unreadable(offsets, {one.group for one in active}, others)
    moved = moved_offsets(offsets, {key: one.checkpoint.downstream for key, one in newest.items()})
    return active, moved, unknown


def _unreadable(
    offsets: Mapping[str, Mapping[TopicPartition, int] | Unread],
    told: Collection[str],
    others: Collection[str],
) -> list[str]:
    """Say of which groups nobody knows whether they use copies. A consumer group that does not exist any more
    uses none; a share group has no offsets that could tell, and is answered in the same way.
    """
    found = []
    for group, answer in sorted(offsets.items()):
        if isinstance(answer, Unread) and group not in told:
            gone = not_there(answer)
            if not gone or group in others:
                found.append(
                    f"whether group {group} uses copies: {MEMBERS_UNSEEN if gone else answer.reason}"
                )
    return found


def _active(
    target: Cluster,
    states: Mapping[str, str],
    offsets: Mapping[str, Mapping[TopicPartition, int] | Unread],
    copies: set[str],
) -> list[GroupOnTarget]:
    found = []
    busy = [group for group, state in states.items() if not is_idle(state)]
    for group, answer in target.described_groups(busy).items():
        if isinstance(answer, Unread):
            found.append(GroupOnTarget(group, states[group], unseen=answer.reason))
            continue
        members = answer.members or ()
        if members and (offsets.get(group) or _assigned(members) & copies):
            named = tuple(Member(one.client_id or "?", one.host or "?") for one in members)
            found.append(GroupOnTarget(group, answer.state.name, named))
    return found


def _assigned(members: Iterable[Any]) -> set[str]:
    return {
        one.topic for member in members if member.assignment for one in member.assignment.topic_partitions
    }


def _on(copies: set[str], offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    return {one: offset for one, offset in offsets.items() if one.topic in copies}


def _is_copy(settings: Settings, topic: str) -> bool:
    original = original_of(settings, topic)
    return original is not None and filters.topic_matches(settings.mirror, original)


def _resource(session: Session, spec: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return session.deployed.read()
    except NotThere:
        return {"spec": spec}
