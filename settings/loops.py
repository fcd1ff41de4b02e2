"""Mirrors that send records around in a circle.

MM2 stops a circle only by names: `MirrorSourceConnector.isCycle` (Kafka 4.3.1) skips a topic that carries the
target's alias, which the default policy puts before it. The identity policy leaves no trace, so there only
topic sets that certainly have nothing in common are safe (KIP-382; Strimzi issues 3977 and 12218).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from settings.overlap import Flow, flows_on


@dataclass(frozen=True, slots=True)
class Loop:
    """Flows, each of which reads on what the one before wrote, the first one after the last.

    `topics` says which topics, `reason` why MM2 does not stop it, `remedy` what does.
    """

    flows: tuple[Flow, ...]
    topics: str
    reason: str
    remedy: str


def opposite(one: Flow, other: Flow) -> Loop | None:
    """Judge two flows of which the caller knows that each one's source is the other one's target.

    Stricter than `loops`: records that come straight back to where they came from are refused even where
    they stop there, because clients would see each of them twice.
    """
    topics = flows_on(one, other) or flows_on(other, one)
    return None if topics is None else _loop((one, other), topics)


def loops(flows: Sequence[Flow]) -> tuple[Loop, ...]:
    """Find the circles among flows: of two in opposite directions, and longer ones over several clusters."""
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
                continue  # a circle of nothing but such links is stopped by the alias
            ring = _shortest(links, end, start)
            if ring and frozenset(ring) not in seen:
                seen.add(frozenset(ring))
                found.append(_loop(tuple(flows[index] for index in ring), topics))
    return tuple(found)


def _links(flows: Sequence[Flow]) -> dict[int, dict[int, str]]:
    """Find which flow reads on what another one wrote, but not straight back: `opposite` judges that."""
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
    """Whether the second flow's copies still show what the first one's did: prefixes, read alike."""
    return (
        one.policy == other.policy == "default"
        and one.separator == other.separator
        and one.target == other.source
    )


def _shortest(links: dict[int, dict[int, str]], start: int, end: int) -> list[int]:
    """Find the shortest way along the links, both ends included; empty when there is none."""
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
            "the identity policy keeps names, so nothing tells a copy from an original, and MM2 would copy "
            "both for ever",
            r"Use replication_policy default, or topics that cannot overlap: names or prefixes (east\..*)",
        )
    if policies == {"default"}:
        if len({flow.separator for flow in flows}) > 1:
            separators = " and ".join(dict.fromkeys(repr(flow.separator) for flow in flows))
            reason = f"their separators differ ({separators}), so none reads the other's prefixes"
            return Loop(flows, topics, reason, "Use one replication_policy_separator for all of them")
        aliases = ", ".join(f"{flow.name} says {flow.source} -> {flow.target}" for flow in flows)
        return Loop(
            flows,
            topics,
            f"MM2 finds a circle by the target's alias before a topic's name, but they differ: {aliases}",
            "Give each cluster the same alias wherever it is source or target",
        )
    return Loop(
        flows,
        topics,
        "one replication policy keeps names and another one prefixes them, so MM2 cannot tell a copy from an "
        "original",
        "Use replication_policy default for all of them, or topics that cannot overlap: names or prefixes",
    )
