"""Fences any Kafka: a DENY of Write for everybody on each mirrored topic, through the Admin API."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress

from mirror.clients.acls import Acl, Acls, concerning, deny_write
from mirror.cutover.earlier_mirror import OF_EARLIER_MIRROR
from mirror.cutover.fence import unfenceable
from mirror.cutover.fence.topics import fenced_topics, stay_fenced
from mirror.cutover.step import Journal, Verdict, World
from mirror.estate.kafka_authorization import EVERYONE
from mirror.problems import CouldNotRun
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.text.waiting import until

DELETE_UNRECORDED = "--delete-unrecorded-fence"
FENCE_SOURCE = "fence-source"
"""The step by which `recover --fence` fences; it acts as the step `fence`, and keeps the same values."""
_KEY = "acls"
_EFFECT_SECONDS = 30.0
"""Within this time every broker shows that an ACL was deleted."""


class AclFence:
    """Step `fence` with `cutover.fence: acls`."""

    name = "fence"
    holds = "topic"
    patience = 60.0
    lasting = True

    def look(self, world: World) -> Verdict:
        """Judge the ACLs of the source as they are now."""
        acls = admin_acls(world)
        found = unfenceable.by_broker_settings(acls.broker_settings((unfenceable.SUPER_USERS, EVERYONE)))
        if verdict := unfenceable.blocked_by(found, world.options.accept_unfenced):
            return verdict
        everybody = any(one.user == unfenceable.EVERYBODY for one in found)
        return judge(acls.of_topics(), fenced_topics(world), everybody=everybody)

    def do(self, world: World, journal: Journal) -> None:
        """Create the ACLs that are missing, after they were written down."""
        acls = admin_acls(world)
        there = acls.of_topics()
        missing = wanted(there, fenced_topics(world)) - there
        kept = (Acl.of(one) for one in journal.kept(self.name, _KEY) or ())
        journal.forget(self.name, OF_EARLIER_MIRROR)
        journal.keep(self.name, _KEY, sorted({*kept, *missing}))
        acls.create(missing)

    def undo(self, world: World, journal: Journal) -> None:
        """Delete the ACLs that were written down, and read back that they are gone. A DENY that existed
        before the fence remains. Raises CouldNotRun where the journal is lost and a DENY has the form of the
        fence's, unless the person has agreed to delete each of these.
        """
        acls, every, stay = admin_acls(world), self._ours(world, journal), stay_fenced(world)
        ours = frozenset(acl for acl in every if acl.name not in stay)
        acls.delete(ours)

        def late() -> str:
            return few(sorted(acl.name for acl in acls.of_topics() & ours))

        if left := until(late, _EFFECT_SECONDS):
            way_out = f"delete the DENY of Write for User:* with kafka-acls.sh: {left}"
            raise CouldNotRun("removing the ACLs of the fence", f"they are still there: {left}", way_out)
        if every > ours:
            journal.keep(self.name, _KEY, sorted(every - ours))
        else:
            journal.forget(self.name, _KEY)

    def remains(self, world: World, journal: Journal) -> list[str]:
        """Return the topics on which a DENY of the fence is still there. Raises CouldNotRun, also where the
        journal is lost, as `undo` does.
        """
        return sorted(acl.name for acl in admin_acls(world).of_topics() & self._ours(world, journal))

    def _ours(self, world: World, journal: Journal) -> frozenset[Acl]:
        kept = journal.kept(self.name, _KEY)
        if kept is not None:
            return frozenset(Acl.of(one) for one in kept)
        if journal.knows(self.name, FENCE_SOURCE) and not world.options.delete_unrecorded:
            return frozenset()
        found = admin_acls(world).of_topics() & {deny_write(topic) for topic in fenced_topics(world)}
        if found and not world.options.delete_unrecorded:
            topics = sorted(acl.name for acl in found)
            raise CouldNotRun(
                "removing the ACLs of the fence",
                f"{counted(len(topics), 'mirrored topic')} with a DENY of Write for User:* ({few(topics)}), "
                "and no journal says that a cutover of this mirror has made it",
                f"if a cutover has, add {DELETE_UNRECORDED}, which deletes the DENY on all of these topics; "
                "otherwise it belongs to somebody else",
            )
        return found


def left_denied(world: World, command: str = "cutover rollback") -> str:
    """Say on which topics Write is still denied to everybody after `command`: after a journal was deleted
    while the cutover waited, a later one knows the step as done, and nothing of its ACLs. Empty where on
    none, or nobody may look.
    """
    if world.settings.fence != "acls":
        return ""
    with suppress(CouldNotRun):
        ours = {deny_write(topic) for topic in fenced_topics(world)}
        if held := sorted(acl.name for acl in admin_acls(world).of_topics() & ours):
            topics = counted(len(held), "mirrored topic")
            return (
                f"Write is STILL DENIED to everybody on {topics} ({few(held)}): the journal does not "
                f"say that this cutover has denied it. If it has, `region-mirror {command} "
                f"{DELETE_UNRECORDED}` removes that; otherwise it belongs to somebody else"
            )
    return ""


def wanted(there: Collection[Acl], topics: Iterable[str]) -> frozenset[Acl]:
    """Return the DENY of each topic that has an ACL: on a topic without one, a DENY would also take the reads
    of everybody who needs no ACL there (`allow.everyone.if.no.acl.found`).
    """
    has_acl = concerning(there)
    return frozenset(deny_write(topic) for topic in topics if has_acl(topic))


def judge(there: frozenset[Acl], topics: list[str], *, everybody: bool) -> Verdict:
    """Judge the ACLs on topics. `everybody`: topics without an ACL are open to all, as was accepted. Pure."""
    needed = wanted(there, topics)
    missing = sorted(acl.name for acl in needed - there)
    has_acl = concerning(there)
    bare = sorted(topic for topic in topics if not has_acl(topic))
    evidence = {
        "topics": len(topics),
        "fenced": len(needed & there),
        "missing": missing,
        "without-acl": bare if everybody else [],
    }
    if missing:
        text = f"{counted(len(missing), 'mirrored topic')} without a DENY of Write: {few(missing)}"
        return Verdict("todo", text, "", evidence, len(missing))
    without = f"; {counted(len(bare), 'topic')} without an ACL left open: {few(bare)}"
    open_topics = without if everybody and bare else ""
    denied = counted(len(topics) - len(bare), "topic")
    return Verdict("done", f"Write is denied on {denied}{open_topics}", "", evidence)


def admin_acls(world: World) -> Acls:
    """Return the ACLs of the source, as its administrator. Raises CouldNotRun without a login."""
    if world.source_admin is None:
        raise CouldNotRun(
            "reading the ACLs of the fence on the source",
            "the login of its administrator is missing",
            "add --source-admin-config FILE, or stop the producers yourself with `cutover.fence: manual`",
        )
    return world.source_admin.acls(world.source_access())
