"""What the load of a drill consists of: the lab's production, or topics and groups of a test's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from lab.layout import Lab
from lab.region.clients import admin_client_config
from lab.workload.connection import SOURCE, Cluster, connect
from lab.workload.loading import producer_settings
from lab.workload.produce import RATE, SHARES
from lab.workload.roster import GROUPS, TOPICS, Position
from lab.workload.topics import TopicAdmin

Side = Literal["source", "target"]
SIDES: tuple[Side, Side] = ("source", "target")
TARGET = "west"
_READING = {"auto.offset.reset": "earliest", "fetch.queue.backoff.ms": 10, "fetch.wait.max.ms": 50}


@dataclass(frozen=True, slots=True)
class Stream:
    """A topic with one producer. `content`: the workload's topic whose records it writes; `first`: the number
    of its first record; `rate`: records a second.
    """

    name: str
    content: str
    topics: Mapping[Side, str]
    writers: Mapping[Side, Mapping[str, Any]] = field(repr=False)
    logs: Mapping[Side, Mapping[str, Any]] = field(repr=False)
    """How the logs are read at the end: by somebody who may read quarantine topics as well."""
    rate: float
    first: int
    transactional: bool = False
    compacted: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group. `running`: it has a member at the source when the drill begins."""

    name: str
    stream: str
    topics: Mapping[Side, str]
    readers: Mapping[Side, Mapping[str, Any]] = field(repr=False)
    running: bool = True


@dataclass(frozen=True, slots=True)
class Production:
    """Everything that writes and reads."""

    streams: Sequence[Stream]
    groups: Sequence[Group]


def of_lab(lab: Lab) -> Production:
    """The lab's own production, as its users, on copies with identical names. Raises CouldNotRun."""
    clusters: dict[Side, Cluster] = {"source": connect(lab, SOURCE), "target": connect(lab, TARGET)}
    ends = TopicAdmin(clusters["source"]).end_offsets()
    regions: dict[Side, str] = {"source": SOURCE, "target": TARGET}
    logs: dict[Side, dict[str, Any]] = {
        side: {**admin_client_config(lab, region), **_READING, **_ISOLATED}
        for side, region in regions.items()
    }
    streams = []
    for topic in TOPICS:
        if topic.name not in SHARES:
            continue
        streams.append(
            Stream(
                topic.name,
                topic.name,
                dict.fromkeys(SIDES, topic.name),
                {side: clusters[side].config(topic.writer, producer_settings({})) for side in SIDES},
                logs,
                SHARES[topic.name] * RATE,
                # A record takes one offset at least, so a number beyond all end offsets was never used.
                max(sum(ends.get(topic.name, {}).values()), topic.history),
                topic.read_committed,
                "compact" in topic.config.get("cleanup.policy", ""),
            )
        )
    groups = [
        Group(
            one.name,
            one.topic,
            dict.fromkeys(SIDES, one.topic),
            {
                side: clusters[side].consumer_config(one.user, one.name, one.isolation_level, _READING)
                for side in SIDES
            },
            one.position is Position.TIP,
        )
        for one in GROUPS
    ]
    return Production(streams, groups)


def of_file(path: Path) -> Production:
    """The production that a file describes, with the same names as here."""
    found = json.loads(path.read_text())
    return Production(
        [
            Stream(
                **{**one, "logs": {side: {**_READING, **one["logs"][side], **_ISOLATED} for side in SIDES}}
            )
            for one in found["streams"]
        ],
        [
            Group(**{**one, "readers": {side: {**_READING, **one["readers"][side]} for side in SIDES}})
            for one in found["groups"]
        ],
    )


_ISOLATED = {"enable.auto.commit": False, "isolation.level": "read_committed"}
