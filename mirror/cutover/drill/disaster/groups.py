"""Accounts for what each group was given, on both sides and at home. Pure.

A group has to be given its backlog and every accepted record of its streams. What never crossed is set aside:
it is in quarantine, or still at the source only. What the group was given twice has to be announced: after a
failover, MM2's translated offset may be early.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mirror.cutover.drill.disaster.phases import FAILOVER, HOME, KILLED, RECOVER, begun, marked
from mirror.cutover.drill.disaster.results import GroupResult
from mirror.cutover.drill.recording import Committed, Document, GroupSeen, Line, Seen

_Record = tuple[str, str]
_EXAMPLES = 5


def group_result(group: GroupSeen, lines: Sequence[Line], set_aside: frozenset[_Record]) -> GroupResult:
    """Account for one group. `set_aside`: stream and number of the records that never crossed."""
    seen = [one for one in lines if isinstance(one, Seen)]
    home, killed = begun(lines, HOME), marked(lines, KILLED)
    reads = [one for one in seen if one.kind == "read" and one.group == group.group]
    before = [one for one in reads if one.side == "source" and (home is None or one.at < home)]
    at_target = [one for one in reads if one.side == "target"]
    due = {_name(one) for one in seen if _is_due(one, group)}
    # A producer was told nothing: its record may be there.
    may = {_name(one) for one in seen if one.kind == "unknown"}
    given = Counter(map(_name, reads))
    early = {_name(one) for one in before}
    again = {record: count - 1 for record, count in given.items() if count > 1}
    for record in given:
        # Given once, not at the source, and not unread when the drill began: the group had read it before.
        if record not in due and record not in may and record not in early:
            again[record] = given[record]
    lost = sorted(due - given.keys() - set_aside)
    first = min((one.at for one in at_target), default=None)
    return GroupResult(
        group.group,
        group.streams,
        len(before),
        len(at_target),
        len(reads) - len(before) - len(at_target),
        len(lost),
        len((due & set_aside) - given.keys()),
        sum(again.values()),
        _announced(lines, group.group) + _uncommitted(lines, group.group, len(before)),
        None if first is None or killed is None else first - killed,
        tuple(f"{stream} {number}" for stream, number in [*lost, *sorted(again)][:_EXAMPLES]),
    )


def _announced(lines: Sequence[Line], group: str) -> int:
    """Records that the failover's report, or the recovery, said the group would read twice, at most."""
    found = [0]
    for one in lines:
        if isinstance(one, Document) and one.name == FAILOVER:
            placed: Mapping[str, Any] = one.content.get("groups", {}).get(group, {})
            found.append(int(placed.get("rereads_at_most", 0)))
        elif isinstance(one, Document) and one.name == RECOVER:
            rows = [row for row in one.content.get("groups", ()) if row["group"] == group]
            found.append(sum(row["twice"] or 0 for row in rows))
    return max(found)


def _uncommitted(lines: Sequence[Line], group: str, reads: int) -> int:
    """Reads at the source that the group had not committed when the source was killed. A commit that was told
    later may have been made after its return.
    """
    killed = marked(lines, KILLED)
    committed = [
        one.reads
        for one in lines
        if isinstance(one, Committed) and one.group == group and one.side == "source"
        if killed is None or one.at <= killed
    ]
    return max(0, reads - max(committed, default=0))


def _is_due(one: Seen, group: GroupSeen) -> bool:
    if one.kind == "backlog":
        return one.group == group.group
    return one.kind == "accepted" and one.stream in group.streams


def _name(one: Seen) -> _Record:
    return one.stream, one.record
