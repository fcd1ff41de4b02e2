"""How far a recovery is: one mark for each source partition, in Connect's offsets topic on the target.

A mark is written in the transaction of the recovered records themselves. So a run that was killed leaves
either both or neither, and the next run continues behind the mark. The offsets topic is compacted, so a mark
does not expire as a group's offsets do, and the mirror's user may already write there:

    key    ["region-mirror-recovered:<connector>", {"cluster": "<alias>", "partition": 3, "topic": "orders"}]
    value  {"offset": 41, "id": "<topic id on the source>", "to_topic": 12, "record": "<digest>"}

Connect ignores keys of connectors that do not exist. A source that was restored from a backup has its old
topic id, so the digest tells whether the offset is still the recovered record's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from mirror.clients.cluster import Cluster
from mirror.clients.long_logs import newest, way_out
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, Entry, TopicPartition, Unread
from mirror.mm2.connect_format import Pair, key
from mirror.mm2.positions import parse_key
from mirror.problems import CouldNotRead
from mirror.text.names import few

RECOVERED_MARK = "region-mirror-recovered:"
"""The prefix of the connector's name in the key of a mark."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The last source offset that was recovered, and the id of the source topic that had it."""

    offset: int
    topic_id: str = ""
    to_topic: int = 0
    """Records of the partition that were written to the topic itself so far, not to quarantine."""
    record: str = ""
    """Digest of the record at the offset; empty in a mark of an older release."""

    def of(self, topic_id: str) -> bool:
        """Whether the mark is about the topic as it is now: one that was created again has another id."""
        return not self.topic_id or not topic_id or self.topic_id == topic_id


def encode(connector: str, alias: str, partition: TopicPartition, mark: Mark) -> Pair:
    """Return key and value of a mark."""
    value = {"offset": mark.offset, "id": mark.topic_id, "to_topic": mark.to_topic}
    if mark.record:
        value["record"] = mark.record
    plain = json.dumps(value, separators=(",", ":"))
    return key(RECOVERED_MARK + connector, alias, partition), plain.encode()


def parse(
    connector: str, alias: str, record: tuple[bytes | None, bytes | None]
) -> tuple[TopicPartition, Mark | None] | None:
    """Return the source partition of a record of the offsets topic and its mark; None for other records."""
    partition = parse_key(record[0], RECOVERED_MARK + connector, alias)
    if partition is None:
        return None
    if record[1] is None:
        return partition, None
    try:
        found: Mapping[str, object] = json.loads(record[1])
        return partition, Mark(
            int(str(found["offset"])),
            str(found.get("id") or ""),
            int(str(found.get("to_topic") or 0)),
            str(found.get("record") or ""),
        )
    except (ValueError, TypeError, KeyError):
        return partition, None


def read_marks(
    cluster: Cluster, reader: Reader, topic: str, partitions: int, connector: str, alias: str
) -> dict[TopicPartition, Mark]:
    """Read the marks of all source partitions. Raises CouldNotRead."""
    found: dict[TopicPartition, Mark] = {}
    bounds = cluster.bounds(TopicPartition(topic, number) for number in range(partitions))
    wanted = {one: (log.start, log.end) for one, log in bounds.items() if isinstance(log, Bounds)}
    read = newest(reader, wanted)
    failures = {one: (to.failure, to.late) for one, (_, to) in read.items() if to.failure}
    failures |= {one: (log.reason, False) for one, log in bounds.items() if isinstance(log, Unread)}
    for one, (reason, late) in failures.items():
        raise CouldNotRead(
            f"reading the marks of earlier recoveries from {one} of {cluster.access.describe()}",
            reason,
            way_out(topic) if late else f"the verifier needs Read and Describe on topic {topic}",
        )
    for pairs, _ in read.values():
        for record in pairs.items():
            parsed = parse(connector, alias, record)
            if parsed is None:
                continue
            if parsed[1] is None:
                found.pop(parsed[0], None)
            else:
                found[parsed[0]] = parsed[1]
    return found


def mark_of(marks: Mapping[TopicPartition, Mark], partition: TopicPartition, topic_id: str) -> Mark:
    """Return the mark of a partition of the topic as it is now; one at no offset where there is none."""
    found = marks.get(partition)
    return Mark(-1) if found is None or not found.of(topic_id) else found


def digest_of(entry: Entry) -> str:
    """Return what a mark keeps of a record: the same in every process, as Python's hash is not."""
    found = hashlib.blake2b(digest_size=8)
    for part in (entry.key, entry.value):
        found.update(b"-" if part is None else b"%d:%b" % (len(part), part))
    return f"{found.hexdigest()}.{entry.timestamp}"


def of_this_log(
    marks: Mapping[TopicPartition, Mark], logs: Mapping[TopicPartition, Bounds | Unread], source: Reader
) -> tuple[dict[TopicPartition, Mark], list[str]]:
    """Return the marks, at no offset where another record has the place of the last recovered one, and a note
    about these. A record that is not there any more tells nothing. `logs`: of the source, up to their ends.
    Raises CouldNotRead.
    """
    ends = {one: log for one, log in logs.items() if isinstance(log, Bounds)}
    cut = {one for one, mark in marks.items() if one in ends and mark.offset >= ends[one].end}
    asked = {
        one: (mark.offset, mark.offset + 1)
        for one, mark in marks.items()
        if mark.record and one in ends and one not in cut and mark.offset >= ends[one].start
    }
    for one, entries in source.entries(asked).items():
        if isinstance(entries, Unread):
            raise CouldNotRead(
                f"reading the last recovered record of {one} of {source.access.describe()}",
                entries.reason,
                "check the source's brokers, and run the same command again",
            )
        if entries and digest_of(entries[0]) != marks[one].record:
            cut.add(one)
    left = {one: replace(mark, offset=-1) if one in cut else mark for one, mark in marks.items()}
    note = (
        f"{few(sorted(map(str, cut)))}: the log is not the one of an earlier run, so the source was restored "
        "since. All of its records are judged again: quarantine may then have some of them twice"
    )
    return left, [note] if cut else []
