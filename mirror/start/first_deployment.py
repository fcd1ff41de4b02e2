"""Runs once, after the users and before the KafkaMirrorMaker2: finds leftovers and writes start positions."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from manifests.strimzi.resource import SOURCE_CONNECTOR, read_mirror_maker2
from mirror.clients.cluster import Cluster
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.sides import Sides
from mirror.clients.topics import matched_topics
from mirror.estate.deployed import DeployedResource
from mirror.mm2 import connect_format
from mirror.mm2.connect_format import StartPosition
from mirror.mm2.identity import Identity
from mirror.problems import CouldNotConnect, CouldNotRead, CouldNotRun, NotThere
from mirror.start.initial_offsets import choice
from mirror.start.initial_offsets.write import write
from mirror.start.leftovers.judge import Leftovers, explain
from mirror.start.leftovers.read import look
from mirror.text.names import few
from mirror.text.numbers import counted
from settings.model import Settings
from settings.names import Names

# New users cannot log in to every broker at once, so failed logins are repeated for so long.
GRACE_SECONDS = 15.0
PAUSE_SECONDS = 1.0
LEAVING_SECONDS = 30.0
"""For so long, stopped workers may still count as members of Connect's group: three times Connect's
`session.timeout.ms`.
"""
_IDENTITY_PROPERTIES = (
    "replication.policy.class",
    "replication.policy.separator",
    "offset-syncs.topic.location",
)
T = TypeVar("T")


class LeftoversFound(CouldNotRun):
    """Leftovers of another mirror exist. The message lists them and the ways out."""

    def __init__(self, found: Leftovers, message: str) -> None:
        super().__init__("looking for leftovers", message, "")
        self.found = found
        self.message = message

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Prepared:
    """The result in one line each: leftovers, and where mirroring starts."""

    leftovers: str
    start: str


class FirstDeployment:
    """A mirror that was not yet deployed with this identity.

    `manifest` is the KafkaMirrorMaker2 as it will be declared: its addresses and Secrets are used to log in
    before the resource exists. `former` is the mirror's previous identity, if it had one.
    """

    def __init__(
        self, settings: Settings, manifest: Mapping[str, Any], former: Identity | None, root: Path
    ) -> None:
        self._settings = settings
        self._manifest = manifest
        self._former = former
        self._resource = DeployedResource(settings, root)

    def preview(self) -> None:
        """Look for leftovers if the mirror's users already exist: after an `up` that failed, or when the
        stack's state was lost. Raises LeftoversFound. Errors and stopped workers that still count as members
        are left to `prepare`, which can wait: Pulumi also calls this in the `up` after a `destroy`.
        """
        try:
            if not self._is_deployed():
                self._look_once(write_positions=False)
        except LeftoversFound as error:
            if not error.found.only_members:
                raise
        except CouldNotRun:
            return

    def prepare(self) -> Prepared:
        """Look for leftovers and write the start positions. Raises CouldNotRun; safe to repeat."""
        if self._is_deployed():
            return Prepared("none: this mirror is already deployed", "unchanged")
        try:
            return _patiently(lambda: self._look_once(write_positions=True))
        except CouldNotConnect as error:
            # Without verification, this machine need not be able to reach the clusters.
            if self._settings.verification.enabled or choice.begins_elsewhere(self._settings.mirror):
                raise
            return Prepared(f"not checked: {error.happened}", "earliest")

    def _is_deployed(self) -> bool:
        try:
            resource = self._resource.read()
        except NotThere:
            return False
        return _identity_in(resource) == _identity_in(self._manifest)

    def _look_once(self, *, write_positions: bool) -> Prepared:
        settings = self._settings
        access = self._resource.access(self._manifest)
        with Sides(access.source, access.target) as sides:
            found, known, only_starts = look(settings, sides, self._former)
            if found and settings.mirror.leftovers == "refuse":
                raise LeftoversFound(found, explain(found, settings, access.target.bootstrap_servers))
            seen = f"adopted: {counted(len(known), 'position')}" if found else "none"
            # What an interrupted deployment has chosen is not MM2's: it is chosen anew, by today's settings.
            before = known if only_starts else {}
            anew = only_starts or self._starts_anew()
            begins = anew and choice.begins_elsewhere(self._settings.mirror)
            if not begins and not before:
                return Prepared(seen, "earliest")
            chosen = choice.not_later(
                settings.mirror, choose(settings, sides.source, {} if before else known), before
            )
            if write_positions and (chosen or before):
                self._write(
                    with_copy_ends(settings, sides.target, chosen) if found.copies else chosen, before
                )
            return Prepared(seen, choice.summary(chosen) if begins else "earliest")

    def _starts_anew(self) -> bool:
        return self._former is None or self._former.starts_anew(Identity.of(self._settings))

    def _write(self, chosen: list[StartPosition], before: Collection[TopicPartition]) -> None:
        names, settings = self._resource.names, self._settings
        write(
            self._resource.mirror_user(self._manifest),
            names.offsets_topic,
            settings.mirror.config.worker,
            connect_format.instead_of(
                connect_format.records(names.source_connector, settings.source.alias, chosen),
                connect_format.removals(names.source_connector, settings.source.alias, before),
            ),
        )


def choose(settings: Settings, source: Cluster, known: Mapping[TopicPartition, int]) -> list[StartPosition]:
    """Choose the start position of each source partition that the mirror matches now. Raises CouldNotRead."""
    topics = source.topics()
    partitions = [
        TopicPartition(name, number)
        for name in matched_topics(settings, topics)
        for number in range(topics[name].partitions)
        if choice.start_of(settings.mirror, name) != choice.EARLIEST
    ]
    bounds = _all_read(source, source.bounds(partitions), "the end offset")
    if wrong := choice.beyond(settings.mirror, bounds):
        told = few(
            [f"{one} begins at {offset}, but ends at {bounds[one].end}" for one, offset in wrong.items()]
        )
        raise CouldNotRun(
            f"choosing where mirroring from {source.access.describe()} begins",
            f"offsets of mirror.start_from_by_topic are behind the ends of their logs: {told}",
            "the topics were created again, or the offsets are those of another cluster: run "
            "`region-mirror reverse` again, or write `earliest`",
        )
    if earlier := choice.resumed_before(settings.mirror, known):
        told = few([f"{one} would resume at {known[one] + 1}" for one in earlier])
        raise CouldNotRun(
            f"choosing where mirroring from {source.access.describe()} begins",
            f"an earlier mirror of this name has left positions before mirror.start_from_by_topic: {told}. "
            "Records that came from the target would be copied back to it",
            f"delete topic {Names.of(settings).offsets_topic} if no mirror uses it, then deploy again",
        )
    asked = choice.moments(settings.mirror, partitions)
    offsets = _all_read(source, source.offsets_from(asked), "the offset at mirror.start_from")
    return choice.positions(settings.mirror, bounds, offsets, known)


def _all_read(
    source: Cluster, answers: Mapping[TopicPartition, T | Unread], what: str
) -> dict[TopicPartition, T]:
    """Return the answers. Raises CouldNotRead where one is missing: it would leave records out."""
    found: dict[TopicPartition, T] = {}
    for one, answer in answers.items():
        if isinstance(answer, Unread):
            raise CouldNotRead(
                f"reading {what} of {one} on {source.access.describe()}",
                answer.reason,
                "the source user needs Describe on the topic; check the partition's leader",
            )
        found[one] = answer
    return found


def with_copy_ends(
    settings: Settings, target: Cluster, chosen: Sequence[StartPosition]
) -> list[StartPosition]:
    """Add the ends of copies that exist already: records before them are not MM2's. Raises CouldNotRead."""
    names = matched_topics(settings, {one.partition.topic: None for one in chosen})
    topics = target.topics()
    copies = {
        one: TopicPartition(names[one.partition.topic], one.partition.partition)
        for one in chosen
        if one.partition.topic in names
        and names[one.partition.topic] in topics
        and one.partition.partition < topics[names[one.partition.topic]].partitions
    }
    bounds = target.bounds(copies.values())
    found = []
    for one in chosen:
        log = bounds[copies[one]] if one in copies else Bounds(0, 0)
        if not isinstance(log, Bounds):
            raise CouldNotRead(
                f"reading the end offset of {copies[one]} on {target.access.describe()}",
                log.reason,
                "the verifier needs Describe on the topic; check the partition's leader",
            )
        found.append(replace(one, copy_end=log.end))
    return found


def _identity_in(resource: Mapping[str, Any]) -> tuple[object, ...]:
    """The fields of a KafkaMirrorMaker2 that decide whether MM2 continues from its positions."""
    spec = read_mirror_maker2(resource)
    connectors = [
        tuple(mirror.config(SOURCE_CONNECTOR).get(key) for key in _IDENTITY_PROPERTIES)
        for mirror in spec.mirrors
    ]
    return spec.target.get("alias"), spec.connect, [mirror.alias for mirror in spec.mirrors], connectors


def _patiently(attempt: Callable[[], Prepared]) -> Prepared:
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
