"""Which transactions were cut when the mirror stopped. Pure.

Two kinds can be cut. A transaction of MM2 itself (exactly-once, KIP-618) keeps its records invisible to
read_committed consumers, and all later records of its partitions with them, until the target's coordinator
aborts it: so a failover waits for that. A producer's transaction at the source that wrote to several
partitions may be mirrored in some of them only: MM2 copies partitions independently of each other, also with
exactly-once, and the copy has no marker of the source's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.failover.loss import Loss
from mirror.cutover.step import Verdict
from mirror.text.names import few
from mirror.text.numbers import counted


def open_partitions(
    stable: Mapping[TopicPartition, Bounds | Unread], ends: Mapping[TopicPartition, Bounds | Unread]
) -> list[TopicPartition]:
    """Return the partitions whose last stable offset is before their end: a transaction is open there."""
    found = []
    for one, end in ends.items():
        last = stable.get(one)
        if isinstance(end, Bounds) and isinstance(last, Bounds) and last.end < end.end:
            found.append(one)
    return sorted(found)


def judge(
    open_: Sequence[TopicPartition],
    unread: Sequence[str],
    missing: Loss,
    *,
    exactly_once: bool,
    accept_unread: bool = False,
) -> Verdict:
    """Wait for MM2's own transactions, and name what may be partial. `accept_unread`: of partitions that
    cannot be read nobody waits to know: no client can read them either, and the coordinator aborts what is
    open there.
    """
    behind = sorted(str(one.source) for one in missing.partitions if one.missing or one.missing is None)
    evidence: dict[str, Any] = {
        "exactly_once": exactly_once,
        "open": [str(one) for one in open_][:100],
        "partitions_that_may_hold_part_of_a_transaction": behind[:100],
    }
    told = f"{counted(len(unread), 'partition')} of the target could not be read ({few(unread)})"
    if unread and not accept_unread:
        remedy = (
            "check the health of the target's brokers. Where these partitions stay without a leader, add "
            "--accept-unread-partitions: clients cannot use them either until they have one"
        )
        return Verdict("waiting", told, remedy, evidence, len(unread))
    if open_:
        text = (
            f"{counted(len(open_), 'partition')} of the target have an open transaction of MM2 "
            f"({few([str(one) for one in open_])})"
        )
        remedy = (
            "the target's coordinator aborts it after transaction.timeout.ms; run the command again then. "
            "One that stays open hangs (KIP-664): `kafka-transactions.sh find-hanging`, then `abort`. Its "
            "records are missing on the target either way, because MM2 has not committed them"
        )
        return Verdict("waiting", text, remedy, evidence, len(open_))
    if exactly_once:
        text = "no record of an unfinished transaction of MM2 is visible on the target"
    else:
        text = "the mirror is at-least-once: the last records before the stop may be on the target twice"
    if behind:
        text += (
            "; transactions of the source that wrote to several partitions may be mirrored in part: "
            f"{few(behind)} were behind"
        )
    if unread:
        text += f"; {told}, which was accepted"
    return Verdict("done", text, evidence=evidence, remaining=0)
