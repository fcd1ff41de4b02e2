"""The workers of the mirror's Kafka Connect, as the target's brokers know them."""

from __future__ import annotations

from dataclasses import dataclass

from mirror.clients.records import Unread
from mirror.problems import Finding


@dataclass(frozen=True, slots=True)
class Workers:
    """`members` of Connect's group `group` on the cluster `where`; Unread where they could not be counted."""

    group: str
    where: str
    members: int | Unread

    def findings(self) -> list[Finding]:
        """What is wrong where the status of the KafkaMirrorMaker2 says that all is RUNNING."""
        if self.members != 0:
            return []
        message = (
            f"no worker runs: Connect's group {self.group} on {self.where} has no member. That connectors "
            "and tasks are RUNNING is what the Cluster Operator saw last"
        )
        remedy = (
            "check that the Cluster Operator runs, which alone makes pods of workers anew and writes the "
            "status; then look at the workers' pods and their log"
        )
        return [Finding("workers", message, remedy)]

    @property
    def aside(self) -> str:
        """What a summary says of workers that could not be counted."""
        if not isinstance(self.members, Unread):
            return ""
        return f"; whether a worker runs is not known: {self.members.reason}"


NOT_ASKED = Workers("", "", 1)
"""Nothing is said about workers."""
