"""Proves the fence: who could still write by the ACLs, whether records arrive, which transactions are open.

Silence alone proves nothing: a slow producer looks like a stopped one. So the ACLs are the proof where they
can be read, and silence is watched for longer where they cannot.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from shlex import quote

from confluent_kafka import IsolationLevel

from mirror.clients.reader import Reader
from mirror.clients.records import TopicPartition, Unread
from mirror.clients.stretches import Stretch
from mirror.cutover.fence import transactions, unfenceable
from mirror.cutover.fence.silence import Ends, grown
from mirror.cutover.fence.topics import fenced_topics
from mirror.cutover.fence.transaction_log import Holder
from mirror.cutover.step import Journal, State, Verdict, World
from mirror.problems import CouldNotRead, CouldNotRun
from mirror.text.names import few
from mirror.text.numbers import counted

QUIET_SECONDS = 2.0
"""No record for so long, once the ACLs let nobody write: requests in flight have been answered."""
SILENT_SECONDS = 60.0
"""No record for so long, where only silence can be watched (`cutover.fence: manual`)."""


class ProveFence:
    """Step `prove-fence`. It watches from its first look on: it keeps the ends of the logs between looks."""

    name = "prove-fence"
    patience = 240.0
    lasting = True

    def __init__(self) -> None:
        self._last: Ends | None = None
        self._quiet_since = 0.0
        self._proven = False
        self._aborted = False
        self._held: tuple[Mapping[TopicPartition, int], list[Holder]] = ({}, [])
        """Open transactions, and who holds them: read once for the same ones."""
        self._open: Mapping[TopicPartition, int] = {}

    def look(self, world: World) -> Verdict:
        """Judge the source since the last look. Raises CouldNotRun."""
        topics = fenced_topics(world)
        if writers := _writers(world, topics):
            return self._open_to(writers, _watched(world))
        now = _ends(world, topics)
        records = self._arrived(world, now)
        if self._proven and records:
            text = f"{_told(records)} after the fence was proven"
            remedy = "find the producer, stop it, and run the command again, or `cutover rollback`"
            return Verdict("blocked", text, remedy, {"records": _counts(records)})
        # Producers wait for this step. Most transactions end by themselves before the next look.
        if now.open and now.open == self._open and now.open != self._held[0]:
            self._held = (now.open, transactions.read(world, now.open))
        self._open = now.open
        return self._judge(world, now, records)

    def do(self, world: World, journal: Journal) -> None:
        """Abort the transactions that were named; only where transactions are open. Raises CouldNotRun."""
        if world.source_admin is None:
            way_out = "add --source-admin-config FILE, or wait for transaction.timeout.ms"
            happened = "the login of the source's administrator is missing"
            raise CouldNotRun("aborting transactions at the source", happened, way_out)
        for one in sorted(world.options.abort_transactions):
            world.source_admin.abort(one, world.sides().source.access)
        self._aborted = True

    def undo(self, world: World, journal: Journal) -> None:
        """Change nothing: an aborted transaction stays aborted, and its producer has been told."""

    def _open_to(self, writers: Mapping[str, list[str]], watched: float) -> Verdict:
        """Return the verdict on who may write. Later steps go on while this one waits, so a fence that was
        proven is `blocked`: somebody has opened it.
        """
        told = "; ".join(f"{who} to {few(names)}" for who, names in sorted(writers.items()))
        evidence = {"writers": writers, "watch-seconds": watched}
        if self._proven:
            text = f"by Kafka's ACLs may write after the fence was proven: {told}"
            remedy = "find who has changed these ACLs, and run the command again, or `cutover rollback`"
            return Verdict("blocked", text, remedy, evidence)
        remedy = "check these ACLs: the fence does not cover them, or is not in effect yet"
        return Verdict("waiting", f"by Kafka's ACLs may write: {told}", remedy, evidence)

    def _arrived(self, world: World, now: Ends) -> dict[TopicPartition, int]:
        """Return the number of records since the last look, by partition; markers do not count. A stretch
        that could not be read is read by the next look.
        """
        if self._last is None:
            self._last, self._quiet_since = now, now.at
            return {}
        stretches = grown(self._last, now)
        records = _records(world, stretches) if stretches else {}
        self._last = now
        if records:
            self._quiet_since = now.at
        return records

    def _judge(self, world: World, now: Ends, records: Mapping[TopicPartition, int]) -> Verdict:
        proof, needed = _proof(world), _watched(world)
        quiet = now.at - self._quiet_since
        evidence = {
            "proof": proof,
            "watch-seconds": needed,
            "partitions": len(now.ends),
            "open-transactions": {str(one): offset for one, offset in sorted(now.open.items())},
            "records": _counts(records),
        }
        if records:
            text = f"records still arrive: {_told(records)}"
            remedy = "their producer was not fenced, or was accepted as unfenced: stop it"
            return Verdict("waiting", text, remedy, evidence, sum(records.values()))
        if now.open:
            where = few([str(one) for one in sorted(now.open)])
            asked, holders = self._held
            found = holders if asked == now.open else []
            held = f", held by {few([str(one) for one in found])}" if found else ""
            text = (
                f"transactions are open in {counted(len(now.open), 'partition')}: {where}{held}. Kafka "
                "aborts each after its producer's transaction.timeout.ms plus at most 10 s"
            )
            evidence["transactional-ids"] = [one.transactional_id for one in found]
            remedy = _to_abort(min(now.open), found) if asked == now.open else ""
            state: State = "todo" if world.options.abort_transactions and not self._aborted else "waiting"
            return Verdict(state, text, remedy, evidence, len(now.open))
        if quiet < needed:
            text = f"no record for {quiet:.0f} of {needed:.0f} s"
            return Verdict("waiting", text, "", evidence)
        self._proven = True
        how = _HOW[proof]
        if world.options.accept_unfenced:
            how += f", except who was accepted as unfenced: {few(sorted(world.options.accept_unfenced))}"
        watched = counted(len(now.ends), "partition")
        text = f"no record for {quiet:.0f} s and no open transaction in {watched}; {how}"
        return Verdict("done", text, "", evidence)


def _to_abort(first: TopicPartition, held: Sequence[Holder]) -> str:
    """Say how the transactions are aborted, and how their ids are found where nobody could read them."""
    if held:
        ids = " ".join(f"--abort-transaction {quote(one.transactional_id)}" for one in held)
        return f"let the producers end them, or abort them: `{ids}`"
    return (
        "`--source-admin-config FILE` with a login that may read __transaction_state shows their "
        "transactional ids; or `kafka-transactions.sh describe-producers --topic "
        f"{first.topic} --partition {first.partition}` names the producer id, and "
        "`kafka-transactions.sh list` its transactional id. `--abort-transaction ID` aborts a transaction"
    )


_HOW = {
    "acls": "nobody may write by Kafka's ACLs",
    "kafka-users": "nobody may write by the KafkaUsers",
    "silence": "only silence was watched",
}


def _proof(world: World) -> str:
    """What says that nobody may write: Kafka's own ACLs need the administrator's login."""
    if world.settings.fence == "manual":
        return "silence"
    return "kafka-users" if world.source_admin is None else "acls"


def _watched(world: World) -> float:
    """For how many seconds no record may arrive."""
    return SILENT_SECONDS if _proof(world) == "silence" else QUIET_SECONDS


def _writers(world: World, topics: list[str]) -> dict[str, list[str]]:
    """Return who may still write by Kafka's own ACLs, and to which topics. Empty without the administrator's
    login: then step `fence` has judged the KafkaUsers.
    """
    if world.source_admin is None:
        return {}
    acls = world.source_admin.acls(world.sides().source.access).of_topics()
    everybody = {acl.principal for acl in acls if acl.permission == "ALLOW"}
    accepted = world.options.accept_unfenced
    found = {
        principal: may
        for principal in everybody
        if not {principal, principal.removeprefix("User:"), principal.removeprefix("User:CN=")} & accepted
        and (may := unfenceable.may_write(acls, principal, topics))
    }
    return found if world.settings.fence != "manual" else {}


def _ends(world: World, topics: list[str]) -> Ends:
    """Read the ends first: a stable offset below an end that was read before it is an open transaction."""
    source = world.sides().source
    known = source.topics()
    # One that was deleted since `topics` were read is not among the known ones any more.
    there = [topic for topic in topics if topic in known]
    partitions = [
        TopicPartition(topic, number) for topic in there for number in range(known[topic].partitions)
    ]
    high = source.bounds(partitions, IsolationLevel.READ_UNCOMMITTED)
    stable = source.bounds(partitions, IsolationLevel.READ_COMMITTED)
    for one, bounds in (*high.items(), *stable.items()):
        if isinstance(bounds, Unread):
            way_out = "check the brokers of the source"
            raise CouldNotRead(f"reading the end of {one} on {source.alias}", bounds.reason, way_out)
    return Ends(
        time.monotonic(),
        {one: bounds.end for one, bounds in high.items() if not isinstance(bounds, Unread)},
        {one: bounds.end for one, bounds in stable.items() if not isinstance(bounds, Unread)},
    )


def _records(world: World, stretches: Mapping[TopicPartition, tuple[int, int]]) -> dict[TopicPartition, int]:
    """Count the records in stretches, also those of open and aborted transactions. Raises CouldNotRead."""
    source = world.sides().source
    asked = [Stretch(one, start, stop) for one, (start, stop) in stretches.items()]
    found: dict[TopicPartition, int] = {}
    with Reader(source.access, "read_uncommitted") as reader:
        for one, windows in reader.records(asked).items():
            for window in windows:
                if isinstance(window, Unread):
                    way_out = "check the brokers of the source"
                    raise CouldNotRead(f"reading {one} on {source.alias}", window.reason, way_out)
                if window.records:
                    found[one] = found.get(one, 0) + len(window.records)
    return found


def _told(records: Mapping[TopicPartition, int]) -> str:
    topics = sorted({one.topic for one in records})
    return f"{counted(sum(records.values()), 'record')} in {few(topics)}"


def _counts(records: Mapping[TopicPartition, int]) -> dict[str, int]:
    return {str(one): count for one, count in sorted(records.items())}
