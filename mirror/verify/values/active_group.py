"""A consumer group that is active on the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Member(NamedTuple):
    """One consumer, as the group's coordinator knows it."""

    client_id: str
    host: str


@dataclass(frozen=True, slots=True)
class GroupOnTarget:
    """A synced group that is not simply empty on the target: its members, or why they could not be seen."""

    group: str
    state: str
    members: tuple[Member, ...] = ()
    unseen: str | None = None
