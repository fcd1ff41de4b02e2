"""What a profile decides: each value with Kafka's own beside it, and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from settings.model import Profile


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a profile. `kafka_default` is what Connect or MM2 of Kafka 4.3.1 would use instead; None
    where it has none. A value that the stack sets itself has `setting`: then the profile decides nothing.
    """

    key: str
    value: str
    kafka_default: str | None
    reason: str
    setting: str | None = None


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a profile sets for one mirror.

    `left` are the properties that people tune first and that the profile leaves as Kafka has them, with the
    reason; they are not rendered.
    """

    profile: Profile
    tasks: Choice
    source: tuple[Choice, ...]
    """Of MirrorSourceConnector: `producer.override.*` and `source.consumer.*`."""
    workers: tuple[Choice, ...]
    """Of the Connect workers."""
    checkpoint: tuple[Choice, ...]
    """Of MirrorCheckpointConnector."""
    left: tuple[Choice, ...]

    @property
    def tasks_max(self) -> int:
        """`tasksMax` of the source connector."""
        return int(self.tasks.value)

    @property
    def source_connector(self) -> Mapping[str, str]:
        """Properties for `sourceConnector.config`."""
        return {choice.key: choice.value for choice in self.source}

    @property
    def worker(self) -> Mapping[str, str]:
        """Properties for `target.config`."""
        return {choice.key: choice.value for choice in self.workers}

    @property
    def checkpoint_connector(self) -> Mapping[str, str]:
        """Properties for `checkpointConnector.config`."""
        return {choice.key: choice.value for choice in self.checkpoint}
