"""Two logs read natively over the protocol of Kafka, the copy with faults: read, left and taken up again."""

from __future__ import annotations

from pathlib import Path

from confluent_kafka import Producer

from mirror.audit.blocks import LogPair
from mirror.audit.extent import Extent
from mirror.audit.findings import RecordDifference
from mirror.audit.native import NativeLog
from mirror.audit.partition import PartitionAudit
from mirror.audit.residue import Residue
from mirror.audit.rules import AuditRules
from mirror.clients.records import Bounds, TopicPartition
from tests.unit.audit.made_up import SMALL
from tests.unit.support.mock_kafka import MockCluster

ONE = TopicPartition("orders", 0)
Row = tuple[bytes | None, bytes | None, int, list[tuple[str, str | bytes | None]]]


def write(cluster: MockCluster, rows: list[Row]) -> None:
    producer = Producer({**cluster.access.client_config(), "linger.ms": 50})
    for key, value, timestamp, headers in rows:
        producer.produce(ONE.topic, value, key, 0, timestamp=timestamp, headers=headers)
    assert producer.flush(20) == 0


def test_native_logs_are_compared(tmp_path: Path) -> None:
    rows: list[Row] = [
        (b"k%d" % (n % 7), None if n % 50 == 49 else b"v%d" % n, 1_700_000_000_000 + n, [("n", b"%d" % n)])
        for n in range(3000)
    ]
    copy = list(rows)
    copy[2990] = (*rows[2990][:3], [("n", b"299x")])
    copy[2500], copy[2501] = copy[2501], copy[2500]
    copy[2149] = (rows[2149][0], b"no tombstone", *rows[2149][2:])
    copy[1000:1900] = []
    copy[500:500] = [rows[400]]
    copy.append((None, b"alien", 5, []))
    source, target = MockCluster(), MockCluster()
    write(source, rows)
    write(target, copy)
    found: list[RecordDifference] = []
    with NativeLog(source.access) as ours, NativeLog(target.access) as theirs:
        stops = [log.bounds([ONE])[ONE] for log in (ours, theirs)]
        assert stops == [Bounds(0, 3000), Bounds(0, len(copy))]
        extent = Extent(ONE, ONE, 0, 3000, 0, len(copy), 2999)
        running = PartitionAudit(
            extent, LogPair(ours, theirs), AuditRules(), Residue(tmp_path / "residue"), windows=SMALL
        )
        for _ in running.steps():
            pass
        result = running.result(0, found.append)
    assert [(one.kind, one.records, one.source, one.parts) for one in found if one.kind != "reordered"] == [
        ("lost", 900, (1000, 1899), ()),
        ("altered", 1, (2149, 2149), ("value",)),
        ("altered", 1, (2990, 2990), ("headers",)),
        ("duplicated", 1, (400, 400), ()),
        ("alien", 1, (2999, 3000), ()),
    ]
    (moved,) = [one for one in found if one.kind == "reordered"]
    assert moved.source[0] in (2500, 2501)
    assert result.compared == 3000 - 900 - 2 - 1
