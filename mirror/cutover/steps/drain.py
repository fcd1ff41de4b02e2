"""The step `drain`: wait until MM2 has mirrored every record of the source."""

from __future__ import annotations

from dataclasses import dataclass

from confluent_kafka import IsolationLevel

from manifests.strimzi.resource import SOURCE_CONNECTOR
from mirror.cutover.connectors.judge import connector_state
from mirror.cutover.drain.judge import Drained, judge
from mirror.cutover.phase import already_promoted
from mirror.cutover.step import OnlyLooks, Verdict, World
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import committed, lags


@dataclass(frozen=True, slots=True)
class Drain(OnlyLooks):
    """Waits for MM2, which does the work."""

    name: str = "drain"
    patience: float = 600.0
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Count the records that are not mirrored yet. Raises CouldNotRun."""
        look = Look(world.session, (committed, lags))
        if promoted := already_promoted(look.resource):
            return promoted
        found = look.of(lags)
        # After the last stable offsets: what is written in between looks like an open transaction.
        ends = look.sides.source.bounds([one.partition for one in found], IsolationLevel.READ_UNCOMMITTED)
        connector = connector_state(
            look.resource,
            world.settings.source.alias,
            SOURCE_CONNECTOR,
            world.names.source_connector,
        )
        return judge(Drained(found, look.of(committed).at, ends, look.topics.absent, connector))
