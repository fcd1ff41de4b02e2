"""What has to be seen to once, between the users and the KafkaMirrorMaker2: leftovers, and where to begin."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirror.clients.cluster import Cluster
from mirror.clients.records import Bounds, TopicPartition
from mirror.clients.sides import Sides
from mirror.clients.topics import matched_topics
from mirror.estate.deployed import DeployedResource
from mirror.mm2 import connect_format
from mirror.mm2.connect_format import StartPosition
from mirror.mm2.identity import Identity
from mirror.mm2.resource import SOURCE_CONNECTOR, read_mirror_maker2
from mirror.problems import CouldNotConnect, CouldNotRead, CouldNotRun, NotThere
from mirror.start.initial_offsets import choice
from mirror.start.initial_offsets.write import write
from mirror.start.leftovers.judge import Leftovers, explain
from mirror.start.leftovers.read import look
from settings.model import Settings

# Users that were declared a moment ago may not be let in everywhere yet; a wrong address stays wrong.
GRACE_SECONDS = 15.0
PAUSE_SECONDS = 1.0
LEAVING_SECONDS = 30.0
"""For how long workers that have just been stopped may still count as members of Connect's group: three times
Connect's `session.timeout.ms`.
"""
_IDENTITY_PROPERTIES = (
    "replication.policy.class",
    "replication.policy.separator",
    "offset-syncs.topic.location",
)


class LeftoversFound(CouldNotRun):
    """Something is left of another mirror; the message names all of it and the ways out."""

    def __init__(self, found: Leftovers, message: str) -> None:
        super().__init__("looking for leftovers", message, "")
        self.found = found
        self.message = message

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found and done, in one line each, for people."""

    leftovers: str
    start: str


class FirstDeployment:
    """One identity of one mirror, which has not been deployed.

    `manifest` is the KafkaMirrorMaker2 as it will be declared: its addresses and the names of its Secrets are
    how to log in, long before it exists. `former` is the identity that the same mirror had before, if any.
    """

    def __init__(
        self, settings: Settings, manifest: Mapping[str, Any], former: Identity | None, root: Path
    ) -> None:
        self._settings = settings
        self._manifest = manifest
        self._former = former
        self._resource = DeployedResource(settings, root)

    def preview(self) -> None:
        """Look for leftovers where the mirror's users exist already: after an `up` that failed, or in a stack
        that was made anew. Raises LeftoversFound; what cannot be looked at now, `prepare` looks at. It waits
        for workers that may be leaving, too: Pulumi asks this in the `up` that follows a `destroy`.
        """
        try:
            if not self._is_deployed():
                self._look_once(write_positions=False)
        except LeftoversFound as error:
            if not error.found.only_members:
                raise
        except CouldNotRun:
            return

    def prepare(self) -> Seen:
        """Look for leftovers and write the start positions. Raises CouldNotRun; safe to repeat."""
        if self._is_deployed():
            return Seen("none: this very mirror is deployed already", "where it is")
        try:
            return _patiently(lambda: self._look_once(write_positions=True))
        except CouldNotConnect as error:
            # Who verifies nothing from here may have no way to the clusters from here.
            if self._settings.verification.enabled or choice.begins_elsewhere(self._settings.mirror):
                raise
            return Seen(f"not looked for: {error.happened}", "earliest")

    def _is_deployed(self) -> bool:
        try:
            resource = self._resource.read()
        except NotThere:
            return False
        return _identity_in(resource) == _identity_in(self._manifest)

    def _look_once(self, *, write_positions: bool) -> Seen:
        settings = self._settings
        access = self._resource.access(self._manifest)
        with Sides(access.source, access.target) as sides:
            found, known = look(settings, sides, self._former)
            if found and settings.mirror.leftovers == "refuse":
                raise LeftoversFound(found, explain(found, settings, access.target.bootstrap_servers))
            seen = f"adopted: {len(known)} positions" if found else "none"
            if not self._begins_now():
                return Seen(seen, "earliest")
            chosen = choose(settings, sides.source, known)
            if write_positions and chosen:
                self._write(chosen)
            return Seen(seen, choice.summary(chosen))

    def _begins_now(self) -> bool:
        if not choice.begins_elsewhere(self._settings.mirror):
            return False
        return self._former is None or self._former.starts_anew(Identity.of(self._settings))

    def _write(self, chosen: list[StartPosition]) -> None:
        names, settings = self._resource.names, self._settings
        write(
            self._resource.mirror_user(self._manifest),
            names.offsets_topic,
            settings.mirror.config.worker,
            connect_format.records(names.source_connector, settings.source.alias, chosen),
        )


def choose(settings: Settings, source: Cluster, known: Mapping[TopicPartition, int]) -> list[StartPosition]:
    """Choose where each source partition begins that the mirror matches now. Raises CouldNotRead."""
    topics = source.topics()
    partitions = [
        TopicPartition(name, number)
        for name in matched_topics(settings, topics)
        for number in range(topics[name].partitions)
        if choice.start_of(settings.mirror, name) != choice.EARLIEST
    ]
    bounds: dict[TopicPartition, Bounds] = {}
    for one, answer in source.bounds(partitions).items():
        if not isinstance(answer, Bounds):
            raise CouldNotRead(
                f"reading where {one} of {source.access.describe()} ends",
                answer.reason,
                "the source user needs Describe on the topic; look at the partition's leader",
            )
        bounds[one] = answer
    asked = choice.moments(settings.mirror, partitions)
    return choice.positions(settings.mirror, bounds, source.offsets_at(asked), known)


def _identity_in(resource: Mapping[str, Any]) -> tuple[object, ...]:
    """The fields of a KafkaMirrorMaker2 that decide whether MM2 continues from its positions."""
    spec = read_mirror_maker2(resource)
    connectors = [
        tuple(mirror.config(SOURCE_CONNECTOR).get(key) for key in _IDENTITY_PROPERTIES)
        for mirror in spec.mirrors
    ]
    return spec.target.get("alias"), spec.connect, [mirror.alias for mirror in spec.mirrors], connectors


def _patiently(attempt: Callable[[], Seen]) -> Seen:
    began = time.monotonic()
    give_up = began + GRACE_SECONDS
    while True:
        try:
            return attempt()
        except LeftoversFound as error:
            if not error.found.only_members or time.monotonic() + PAUSE_SECONDS > began + LEAVING_SECONDS:
                raise
        except CouldNotRun:
            if time.monotonic() + PAUSE_SECONDS > give_up:
                raise
        time.sleep(PAUSE_SECONDS)
