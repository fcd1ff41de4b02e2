"""Whether a group may have members, by the state that a listing shows. Pure.

librdkafka 2.16 knows the states of classic groups only: Assigning and Reconciling, in which a group with the
new protocol (KIP-848) is while it shares out partitions, become UNKNOWN. So do all groups of a broker that
lists no states (before KIP-518, Kafka 2.6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from mirror.clients.records import Unread

IDLE = frozenset({"EMPTY", "DEAD"})
"""States without members. In every other state, UNKNOWN included, a group may have some."""
_UNKNOWN = "UNKNOWN"

Members = Callable[[Iterable[str]], Mapping[str, int | Unread]]


def is_idle(state: str) -> bool:
    """Whether a group in this state has no members, however the client spells it (EMPTY, Empty)."""
    return state.upper() in IDLE


def with_members(states: Mapping[str, str], members: Members) -> dict[str, bool]:
    """Return whether each group has members: by its state, of which UNKNOWN says nothing, so that `members`
    are counted. A group of which that is not known counts as one that has."""
    unclear = [group for group, state in states.items() if state == _UNKNOWN]
    counted = members(unclear) if unclear else {}
    return {group: counted.get(group, not is_idle(state)) != 0 for group, state in states.items()}
