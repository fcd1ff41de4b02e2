"""Finds mirrors that copy records in a loop.

MM2 prevents loops only by topic names: `MirrorSourceConnector.isCycle` (Kafka 4.3.1) skips a topic whose name
begins with the target's alias, as the default policy names copies. With the identity policy only topic sets
without any common topic are safe (KIP-382; Strimzi issues 3977 and 12218).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from settings.overlap import Flow, flows_on


@dataclass(frozen=True, slots=True)
class Loop:
    """Flows of which each reads what the one before writes; the first reads what the last writes.

    `topics` are the topics in the loop, `reason` is why MM2 does not prevent it, `remedy` how to.
    """

    flows: tuple[Flow, ...]
    topics: str
    reason: str
    remedy: str


def opposite(one: Flow, other: Flow) -> Loop | None:
    """Check two flows; the caller knows that the source of each is the target of the other.

    This is stricter than `loops`: records must not return to their source even once, because clients would
    see each of them twice.
    """
    topics = flows_on(one, other) or flows_on(other, one)
    return None if topics is None else _loop((one, other), topics)


def loops(flows: Sequence[Flow]) -> tuple[Loop, ...]:
    """Find the loops among flows: two in opposite directions, and longer ones over several clusters."""
    found = [
        loop
        for index, one in enumerate(flows)
        for other in flows[index + 1 :]
        if _follows(one, other) and _follows(other, one) and (loop := opposite(one, other))
    ]
    links = _links(flows)
    seen: set[frozenset[int]] = set()
    for start, targets in links.items():
        for end, topics in targets.items():
            if _tells_origin(flows[start], flows[end]):
                continue  # the alias prevents a loop that consists only of such links
            ring = _shortest(links, end, start)
            if ring and frozenset(ring) not in seen:
                seen.add(frozenset(ring))
                found.append(_loop(tuple(flows[index] for index in ring), topics))
    return tuple(found)


def _links(flows: Sequence[Flow]) -> dict[int, dict[int, str]]:
    """Find which flow reads the topics of another one. Opposite directions are left to `opposite`."""
    links: dict[int, dict[int, str]] = {index: {} for index in range(len(flows))}
    for index, one in enumerate(flows):
        for at, other in enumerate(flows):
            if index != at and _follows(one, other) and not _follows(other, one):
                topics = flows_on(one, other)
                if topics is not None:
                    links[index][at] = topics
    return links


def _follows(one: Flow, other: Flow) -> bool:
    return one.destination == other.origin


def _tells_origin(one: Flow, other: Flow) -> bool:
    """Tell whether copies of the second flow still have the prefix of the first flow."""
    return (
        one.policy == other.policy == "default"
        and one.separator == other.separator
        and one.target == other.source
    )


def _shortest(links: dict[int, dict[int, str]], start: int, end: int) -> list[int]:
    """Find the shortest path along the links, with both ends; empty if there is none."""
    before: dict[int, int | None] = {start: None}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        if at == end:
            return list(reversed(list(_back(before, at))))
        for following in links[at]:
            if following not in before:
                before[following] = at
                waiting.append(following)
    return []


def _back(before: dict[int, int | None], at: int | None) -> Iterator[int]:
    while at is not None:
        yield at
        at = before[at]


def _loop(flows: tuple[Flow, ...], topics: str) -> Loop:
    policies = {flow.policy for flow in flows}
    if policies == {"identity"}:
        return Loop(
            flows,
            topics,
            "with the identity policy a copy has the same name as its original, so MM2 would copy the "
            "records for ever",
            r"Use replication_policy default, or topics that cannot overlap: names or prefixes (east\..*)",
        )
    if policies == {"default"}:
        if len({flow.separator for flow in flows}) > 1:
            separators = " and ".join(dict.fromkeys(repr(flow.separator) for flow in flows))
            reason = (
                f"their separators differ ({separators}), so neither recognises the prefixes of the other"
            )
            return Loop(flows, topics, reason, "Use one replication_policy_separator for all of them")
        aliases = ", ".join(f"{flow.name} has {flow.source} -> {flow.target}" for flow in flows)
        return Loop(
            flows,
            topics,
            f"MM2 recognises a loop by the target's alias in a topic's name, but the aliases differ: "
            f"{aliases}",
            "Use the same alias for each cluster in all mirrors",
        )
    return Loop(
        flows,
        topics,
        "one replication policy keeps names and another one prefixes them, so MM2 cannot recognise copies",
        "Use replication_policy default for all of them, or topics that cannot overlap: names or prefixes",
    )
