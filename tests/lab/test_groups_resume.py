"""A consumer group that stopped on the source goes on on the target, re-reading what the report predicted.

What it reads again is counted from the two logs, not from anything that the verification computed. The same
for a group that `offsets apply` has moved: it reads nothing again where the file says so.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from lab.workload import connect, resume
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack

GROUP = "audit-review"
TOPIC = "audit-log"
SOME = 1_000
"""Records to read."""


def read_again(regions: Regions, partition: int, first_read: int, source_offset: int) -> int:
    """How many records from `first_read` on the target lie before `source_offset` on the source."""
    unread = kafka.read(regions.kafka("east"), TOPIC, partition=partition, start=source_offset)
    ahead = kafka.read(regions.kafka("west"), TOPIC, partition=partition, start=first_read)
    new = {(record.key, record.value, record.timestamp) for record in unread}
    again = 0
    for record in ahead:
        if (record.key, record.value, record.timestamp) in new:
            break
        again += 1
    return again


def test_it_resumes_with_the_sources_password_and_reads_again_what_was_predicted(
    proven: Stack, regions: Regions
) -> None:
    report = json.loads(proven.verify("--json", "--wait", "60").ok().stdout)
    (check,) = [c for c in report["checks"] if c["name"] == "groups-translated"]
    predicted = check["facts"]["groups"][GROUP]
    try:
        # `connect` takes a SCRAM user's password from the source's Kubernetes, wherever it logs in.
        resumed = resume(connect(regions.lab, "west"), GROUP, TOPIC, SOME)
        assert resumed.read >= SOME
        assert resumed.first_read
        for partition, first_read in resumed.first_read.items():
            expected = predicted[f"{TOPIC}-{partition}"]
            assert expected["rereads_exact"]
            observed = read_again(regions, partition, first_read, expected["source_offset"])
            assert observed == expected["rereads"], f"partition {partition}"
    finally:
        # It went on on the target alone: forget that, and MM2 translates it anew.
        kafka.delete_group(regions.kafka("west"), GROUP)


def test_it_reads_nothing_again_where_a_file_of_exact_offsets_was_applied(
    proven: Stack, regions: Regions, tmp_path: Path
) -> None:
    west = regions.kafka("west")
    ran = proven.offsets("export", "--exact")
    assert ran.code in (0, 1), ran.output
    exported = ran.stdout
    rows = [row for row in csv.DictReader(io.StringIO(exported)) if row["group"] == GROUP]
    assert rows
    assert {row["reads_again"] for row in rows} == {"0"}
    file = tmp_path / "offsets.csv"
    # As a reviewer would: only this group, the others go on at the source.
    lines = [line for line in exported.splitlines() if line.startswith(("group,", f"{GROUP},"))]
    file.write_text("\n".join(lines) + "\n")
    try:
        proven.offsets("apply", str(file), "--yes").ok()
        for row in rows:
            partition = int(row["partition"])
            assert kafka.committed(west, GROUP, TOPIC, partition=partition) == int(row["target_offset"])
        again = proven.offsets("apply", str(file), "--yes").ok()
        assert "nothing to do" in again.stdout
        resumed = resume(connect(regions.lab, "west"), GROUP, TOPIC, SOME)
        assert resumed.first_read
        for row in rows:
            partition = int(row["partition"])
            first = resumed.first_read[partition]
            assert read_again(regions, partition, first, int(row["source_offset"])) == 0
    finally:
        kafka.delete_group(west, GROUP)
