"""Fences a Strimzi source: each KafkaUser that may write to mirrored topics gets deny rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.connectors.change import send
from mirror.cutover.earlier_mirror import OF_EARLIER_MIRROR
from mirror.cutover.fence import kafka_user, unfenceable
from mirror.cutover.fence.topics import fenced_topics, stay_fenced
from mirror.cutover.step import Journal, Verdict, World
from mirror.estate.kafka_authorization import elsewhere
from mirror.estate.origin import SourceUser, named
from mirror.problems import AlreadyChanged, CouldNotRun
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.text.waiting import until

_UNFENCE_SECONDS = 120.0
"""Within this time the User Operator must apply a KafkaUser; its full pass is every 2 minutes."""
_ATTEMPTS = 5
_TOPICS_KEPT = 20
"""Topics of each user in the journal; the annotation of the KafkaUser has all that a rollback needs."""
_BY_HAND = "set `cutover.fence: manual`, stop the producers, and run the command again"


class StrimziFence:
    """Step `fence` with `cutover.fence: strimzi`."""

    name = "fence"
    holds = "KafkaUser"
    patience = 150.0
    lasting = True

    def look(self, world: World) -> Verdict:
        """Judge the KafkaUsers of the source as they are now."""
        kafka, users = _read(world)
        if reason := unfenceable.without_authorization(kafka):
            return Verdict("blocked", f"the source cannot be fenced by ACLs: {reason}", _BY_HAND)
        topics = fenced_topics(world)
        found = unfenceable.at_strimzi(kafka, users, topics)
        if world.source_admin is not None:
            acls = world.source_admin.acls(world.sides().source.access).of_topics()
            principals = {principal(user) for user in users}
            found += unfenceable.without_kafka_user(acls, principals, topics)
        if verdict := unfenceable.blocked_by(found, world.options.accept_unfenced):
            return verdict
        mirror = world.settings.mirror.name
        if large := too_large(users, topics, mirror):
            text = f"a KafkaUser holds too few deny rules for all topics that it may write to: {few(large)}"
            return Verdict("blocked", text, _BY_HAND)
        return judge(users, topics, mirror, stay_fenced(world))

    def do(self, world: World, journal: Journal) -> None:
        """Take Write from each user that may write. What must be removed again is in the same change."""
        kubernetes, mirror = _kubernetes(world), world.settings.mirror.name
        topics = fenced_topics(world)
        _, users = _read(world)
        writers = [
            user for user in users if not kafka_user.is_paused(user) and kafka_user.writable(user, topics)
        ]
        before = journal.kept(self.name, "kafka-users") or {}
        now = {named(user): kafka_user.writable(user, topics) for user in writers}
        shown = {name: may[:_TOPICS_KEPT] for name, may in now.items()}
        journal.forget(self.name, OF_EARLIER_MIRROR)
        journal.keep(self.name, "kafka-users", {**before, **shown})
        for user in writers:
            patch = kafka_user.fenced(user, now[named(user)], mirror)
            # Changed meanwhile: the next look reads it again.
            _change(kubernetes, user, patch)

    def undo(self, world: World, journal: Journal) -> None:
        """Remove the fence from every KafkaUser that has it, and wait for the User Operator to apply that."""
        changed = journal.kept(self.name, "kafka-users") or {}
        mirror, stay = world.settings.mirror.name, stay_fenced(world)
        remove(_kubernetes(world), lambda: source_users(world), mirror, changed, stay)
        journal.forget(self.name, "kafka-users")

    def remains(self, world: World, journal: Journal) -> list[str]:
        """Return the KafkaUsers whose fence is still there, or whose fence was removed in a run that did not
        see the User Operator apply it. Raises CouldNotRun.
        """
        changed = journal.kept(self.name, "kafka-users") or {}
        return still_fenced(source_users(world), world.settings.mirror.name, changed)


def too_large(users: Iterable[Mapping[str, Any]], topics: Sequence[str], mirror: str) -> list[str]:
    """Return the KafkaUsers that cannot take the deny rules. The API would refuse them after others were
    fenced. Pure.
    """
    fenceable = (user for user in users if not kafka_user.is_paused(user))
    writers = [(user, may) for user in fenceable if (may := kafka_user.writable(user, topics))]
    return [told for user, may in writers if (told := kafka_user.too_large(user, may, mirror))]


def still_fenced(users: Iterable[Mapping[str, Any]], mirror: str, changed: Collection[str]) -> list[str]:
    """Return the KafkaUsers with the fence of a mirror, and those of `changed` that the User Operator has not
    applied since it was removed. Pure.
    """
    return [
        named(user)
        for user in users
        if kafka_user.has_fence(user, mirror) or (named(user) in changed and kafka_user.not_applied(user))
    ]


def remove(
    kubernetes: Kubernetes,
    read: Callable[[], Sequence[Mapping[str, Any]]],
    mirror: str,
    changed: Collection[str],
    stay: Collection[str] = frozenset(),
) -> None:
    """Remove the fence of a mirror from the KafkaUsers that `read` returns, and wait until the User Operator
    has applied that, also to `changed`, from which an earlier run has removed it. Topics that `stay` fenced
    remain so. Raises CouldNotRun.
    """
    awaited = set(changed)
    for _ in range(_ATTEMPTS):
        fenced = [user for user in read() if kafka_user.has_fence(user, mirror, stay)]
        if not fenced:
            break
        for user in fenced:
            patch = kafka_user.unfenced(user, mirror, stay)
            if patch is not None and _change(kubernetes, user, patch):
                awaited.add(named(user))
    else:
        tried = f"removing the fence from {few(sorted(map(named, fenced)))}"
        raise CouldNotRun(tried, "somebody else changes these KafkaUsers all the time", "pause that program")

    def late() -> str:
        waiting = [
            f"{named(user)}: {reason}"
            for user in read()
            if named(user) in awaited and (reason := kafka_user.not_applied(user))
        ]
        return few(waiting)

    if left := until(late, _UNFENCE_SECONDS):
        way_out = "check the User Operator that applies these KafkaUsers"
        raise CouldNotRun("waiting until the User Operator has removed the fence", left, way_out)


def judge(
    users: list[dict[str, Any]], topics: list[str], mirror: str, stay: Collection[str] = frozenset()
) -> Verdict:
    """Judge KafkaUsers: who may still write, and whose fence is not applied yet. `stay`: topics that an
    earlier part has fenced. Pure.
    """
    open_users, reverted, waiting, behind = {}, [], [], []
    for user in users:
        if kafka_user.is_paused(user):
            continue  # accepted by name, or `look` would be blocked
        if may := kafka_user.writable(user, topics):
            open_users[named(user)] = may
            if kafka_user.has_fence(user, mirror, stay):
                by = kafka_user.last_manager(user)
                reverted.append(f"{named(user)} ({by})" if by else named(user))
        elif kafka_user.has_fence(user, mirror, stay):
            behind.append(named(user))
            if reason := kafka_user.not_applied(user):
                waiting.append(f"{named(user)}: {reason}")
    evidence = {"fenced": behind, "writers": open_users, "topics": len(topics)}
    if reverted:
        text = f"the fence was removed from KafkaUser {few(reverted)}: they may write again"
        remedy = (
            "pause the GitOps controller of these KafkaUsers, or commit the deny rules; then run it again"
        )
        return Verdict("todo", text, remedy, {**evidence, "reverted": reverted}, len(open_users))
    if open_users:
        many = counted(len(open_users), "KafkaUser")
        text = f"{many} may write to mirrored topics: {few(sorted(open_users))}"
        return Verdict("todo", text, "", evidence, len(open_users))
    if waiting:
        text = f"{counted(len(waiting), 'fenced KafkaUser')} not applied yet: {few(waiting)}"
        return Verdict("waiting", text, "check the User Operator of the source", evidence, len(waiting))
    many = f"{counted(len(behind), 'KafkaUser')} fenced"
    told = many if behind else "no KafkaUser may write to mirrored topics"
    return Verdict("done", f"{told}, {counted(len(topics), 'topic')}", "", evidence)


def principal(user: Mapping[str, Any]) -> str:
    """Return the principal for which the User Operator creates the ACLs of a KafkaUser."""
    kind = SourceUser(named(user), user.get("spec") or {}).authentication
    return f"User:CN={named(user)}" if kind in ("tls", "tls-external") else f"User:{named(user)}"


def source_users(world: World) -> list[dict[str, Any]]:
    """Return every KafkaUser of the source cluster. Raises CouldNotRun."""
    return _read(world)[1]


def _read(world: World) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    source = world.settings.source
    return kafka_with_users(_kubernetes(world), str(source.namespace), str(source.cluster))


def kafka_with_users(
    kubernetes: Kubernetes, namespace: str, cluster: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the Kafka resource of a cluster and all of its KafkaUsers. Raises CouldNotRun."""
    kafka = kubernetes.strimzi("Kafka", namespace, cluster)
    where = elsewhere(kafka, namespace) or namespace
    return kafka, kubernetes.strimzi_list("KafkaUser", where, {"strimzi.io/cluster": cluster})


def _kubernetes(world: World) -> Kubernetes:
    if world.source_kubernetes is None:
        way_out = "set source.cluster and source.namespace, or `cutover.fence: manual`"
        raise CouldNotRun("reading the KafkaUsers of the source", "its Kubernetes is unknown", way_out)
    return world.source_kubernetes


def _change(kubernetes: Kubernetes, user: Mapping[str, Any], patch: Mapping[str, Any]) -> bool:
    """Change a KafkaUser; False where somebody else has changed it meanwhile. Raises CouldNotRun."""
    try:
        send(kubernetes, "KafkaUser", user, patch)
    except AlreadyChanged:
        return False
    return True
