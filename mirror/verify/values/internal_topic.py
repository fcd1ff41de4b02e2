"""An internal topic of Connect or MirrorMaker 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mirror.clients.records import ConfigValue, Topic, Unread

POLICY = "cleanup.policy"


REPLICAS = 3
"""Enough to survive a broker's loss while another is restarted; as many as there are brokers where fewer."""


@dataclass(frozen=True, slots=True)
class InternalTopic:
    """One of them, on the cluster `where`. `asked` is its replication factor in the stack file; -1: none."""

    role: str
    name: str
    where: str
    user: str
    """Who reads its configuration."""
    holds: str
    """What is lost with it, as a sentence's end."""
    topic: Topic | None
    config: Mapping[str, ConfigValue] | Unread
    brokers: int
    asked: int = -1
    one_partition: bool = False

    @property
    def replicas(self) -> int:
        """Replicas that it has to have."""
        return self.asked if self.asked > 0 else max(1, min(REPLICAS, self.brokers))
