"""The form of a remedy that destroys or rewinds.

It names the way that changes nothing first, then what the other way destroys and how much, then its steps.
"""

from __future__ import annotations

from collections.abc import Sequence

from mirror.clients.records import TopicPartition
from mirror.mm2.phase import AT_REST
from mirror.text.names import few

RESET_OF_THE_TOPIC = (
    "set the offsets of this topic's partitions, and of no other topic, to null "
    "(strimzi.io/connector-offsets=alter; `reset` would mirror every topic again)"
)
"""How MM2 begins one topic at its start: Connect removes a partition whose offset is null (KIP-875)."""

_NEXT = ". The next steps "
AFTER_PROMOTION = (
    "nothing: the mirror is promoted (`mirror.phase`), so it mirrors nothing any more. Stop producers that "
    "still write to the source. Never start the connectors again, because clients write to the target"
)


def or_else(keeps: str, effect: str, steps: str) -> str:
    """Return a remedy. `keeps`: the way that changes nothing; `effect`: `destroy`, `rewind` or `replace`,
    and what and how much of it; `steps`: what has this effect.
    """
    return f"{keeps}{_NEXT}{effect}: {steps}"


def without_harm(remedy: str) -> str:
    """Return the remedy for a mirror that is promoted: no step that destroys or rewinds remains, because
    clients write to the target.
    """
    keeps, harmful, _ = remedy.partition(_NEXT)
    return f"{keeps}. The mirror is promoted, so nothing is reset or mirrored anew" if harmful else remedy


def declared(state: str, remedy: str) -> str:
    """Return the remedy of something that only a running mirror does. `state`: what the
    stack file declares, a state or the phase of a promoted mirror, which is then the cause.
    """
    if state == "running":
        return remedy
    if state in AT_REST:
        return AFTER_PROMOTION
    return (
        f"the stack file declares `mirror.state: {state}`, so nothing is mirrored: set it to running and "
        "deploy, to continue"
    )


def stalled(missing: Sequence[str]) -> str:
    """Why partitions may be late while connectors and tasks are RUNNING: these topics have no copy."""
    verb = "is" if len(missing) == 1 else "are"
    return (
        f"{few(missing, 3)} {verb} not on the target. A topic that the target refuses to create "
        "stalls every topic of its task, although connector and task are RUNNING"
    )


def end_transaction(one: TopicPartition, first: int) -> str:
    """How to end a transaction that began at offset `first` of a partition, and that nobody ends."""
    return (
        "find out who holds it (`kafka-transactions.sh find-hanging`). Its producer ends it; if that is "
        f"gone, `kafka-transactions.sh abort --topic {one.topic} --partition {one.partition} --start-offset "
        f"{first}` discards the records of this transaction only"
    )


def at_most(offsets: int) -> str:
    """Return a number of records of which only the offsets are known."""
    return f"up to {offsets:,} record{'' if offsets == 1 else 's'}"
