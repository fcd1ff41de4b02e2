"""The result of a profile: each property with Kafka's default and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from settings.model import Profile


@dataclass(frozen=True, slots=True)
class TunedProperty:
    """One property of a profile. `kafka_default` is the default of Connect or MM2 in Kafka 4.3.1; None if
    there is none. `setting` is the setting that gives the value, if the profile does not.
    """

    key: str
    value: str
    kafka_default: str | None
    reason: str
    setting: str | None = None


@dataclass(frozen=True, slots=True)
class Tuning:
    """The properties that a profile sets for one mirror.

    `left` are common tuning properties for which the profile keeps Kafka's default, with the reason; they are
    not rendered.
    """

    profile: Profile
    tasks: TunedProperty
    source: tuple[TunedProperty, ...]
    """For MirrorSourceConnector: `producer.override.*` and `source.consumer.*`."""
    workers: tuple[TunedProperty, ...]
    """For the Connect workers."""
    checkpoint: tuple[TunedProperty, ...]
    """For MirrorCheckpointConnector."""
    left: tuple[TunedProperty, ...]

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
