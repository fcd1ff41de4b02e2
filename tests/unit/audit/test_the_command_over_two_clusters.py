"""`python -m mirror audit` from the command line down to two mock clusters: cut, report, exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mirror.cli import MODULE, build
from mirror.clients.cluster import Cluster
from mirror.commands import audit, stack_files
from mirror.estate.deployed import DeployedMirror
from mirror.problems import CouldNotConnect
from settings.model import Settings
from settings.names import Names
from tests.unit.support.made_up import settings
from tests.unit.support.mock_kafka import MockCluster

SETTINGS = settings()
NAMES = Names.of(SETTINGS)
Row = tuple[bytes | None, bytes | None]
ROWS: list[Row] = [(b"k", b"%d" % number) for number in range(300)]


def position(partition: int, offset: int) -> Row:
    """MM2's committed position, as Connect writes it."""
    where = {"cluster": "east", "partition": partition, "topic": "orders"}
    key = json.dumps([NAMES.source_connector, where])
    return key.encode(), json.dumps({"offset": offset}).encode()


@pytest.fixture
def mocks(monkeypatch: pytest.MonkeyPatch) -> tuple[MockCluster, MockCluster]:
    source, target = MockCluster(), MockCluster()
    for number in range(2):
        source.write("orders", number, ROWS)
    target.write("orders", 0, ROWS[:250])
    target.write(NAMES.offsets_topic, 0, [position(0, 249), position(1, 299)])
    monkeypatch.setattr(audit, "read_deployed", lambda *_: DeployedMirror(source.access, target.access, {}))
    monkeypatch.setattr(audit, "choose_stack", lambda *_: stack_files.Chosen((SETTINGS,), Path()))
    # The mock cluster answers neither DescribeConfigs nor DescribeTopics.
    monkeypatch.setattr(Cluster, "topic_ids", lambda *_: {})
    monkeypatch.setattr(Cluster, "topic_configs", lambda *_: {})
    return source, target


def run(*arguments: object) -> Result:
    return CliRunner().invoke(build(MODULE), ["audit", *map(str, arguments)])


def test_what_is_mirrored_is_proven_and_the_rest_not_judged(
    mocks: tuple[MockCluster, MockCluster], tmp_path: Path
) -> None:
    mocks[1].write("orders", 1, ROWS)
    ran = run("--json", "--state", tmp_path)
    assert ran.exit_code == 0, ran.output
    report = json.loads(ran.stdout)
    assert report["passed"]
    assert report["compared"] == 550
    assert (report["source_records_compared"], report["source_records"]) == (550, 600)
    assert [(one["partition"], one["must"]) for one in report["partitions"][:2]] == [(0, 249), (1, 299)]
    assert not list(tmp_path.glob("*/cut.json")), "the state goes with the report"


def test_what_is_lost_is_found_and_written_down(
    mocks: tuple[MockCluster, MockCluster], tmp_path: Path
) -> None:
    # Timestamps are 1000 and up: the copy's have to be those of the source.
    mocks[1].write("orders", 1, ROWS[:290])
    findings = tmp_path / "findings.jsonl"
    ran = run("--json", "--state", tmp_path, "--findings", findings)
    assert ran.exit_code == 1, ran.output
    assert json.loads(ran.stdout)["counts"] == {"lost": 10}
    (line,) = findings.read_text().splitlines()
    assert json.loads(line) == {
        "topic": "orders",
        "partition": 1,
        "target_topic": "orders",
        "kind": "lost",
        "records": 10,
        "source_offsets": [290, 299],
        "target_offsets": [289, 290],
    }
    said = run("--state", tmp_path).stdout
    assert "NOT PROVEN" in said
    assert "orders-1" in said
    assert "**not proven**" in run("--state", tmp_path, "--markdown").stdout


def test_a_slice_audits_its_partitions_alone(mocks: tuple[MockCluster, MockCluster], tmp_path: Path) -> None:
    mocks[1].write("orders", 1, ROWS)
    audited = []
    for number in range(8):
        ran = run("--json", "--state", tmp_path, "--partition-slice", f"{number}/8")
        assert ran.exit_code == 0, ran.output
        audited.append([one["partition"] for one in json.loads(ran.stdout)["partitions"]])
    assert sorted(audited) == [[], [], [], [], [0], [1], [2], [3]], "a slice without a partition is one, too"


def test_a_sample_says_that_it_is_one(mocks: tuple[MockCluster, MockCluster], tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cluster, "offsets_at", lambda *_: {})
        mocks[1].write("orders", 1, ROWS)
        ran = run("--json", "--state", tmp_path, "--sample", "0.5")
    assert ran.exit_code == 0, ran.output
    report = json.loads(ran.stdout)
    assert "50.00% of each partition" in report["sample"]
    assert report["compared"] == 550, "a stretch of a partition this short is all of it"


def test_an_empty_sample_proves_nothing(mocks: tuple[MockCluster, MockCluster], tmp_path: Path) -> None:
    mocks[1].write("orders", 1, ROWS)
    ran = run("--state", tmp_path, "--sample", "0")
    assert ran.exit_code == 1, ran.output
    assert "NOT PROVEN" in ran.stdout
    assert "compared 0 of at most 600 source records" in ran.stdout
    assert "the sample is empty" in ran.stdout


def test_a_mirror_that_mirrored_nothing_proves_nothing(
    mocks: tuple[MockCluster, MockCluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = MockCluster()
    empty.write(NAMES.offsets_topic, 0, [(b"[]", b"{}")])
    deployed = DeployedMirror(mocks[0].access, empty.access, {})
    monkeypatch.setattr(audit, "read_deployed", lambda *_: deployed)
    ran = run("--json", "--state", tmp_path)
    report = json.loads(ran.stdout)
    assert (ran.exit_code, report["passed"]) == (1, False)
    assert (report["source_records_compared"], report["source_records"]) == (0, 600)
    assert "MM2 has mirrored no record" in run("--state", tmp_path).stdout


def test_a_topic_that_is_not_mirrored_cannot_be_audited(
    mocks: tuple[MockCluster, MockCluster], tmp_path: Path
) -> None:
    ran = run("--topic", "nothing", "--state", tmp_path)
    assert "not mirrored: nothing" in str(ran.exception)


def test_a_mirror_that_cannot_be_read_hides_no_other(
    mocks: tuple[MockCluster, MockCluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that does not answer ended the audit of all mirrors of the stack after it."""
    mocks[1].write("orders", 1, ROWS)
    far = settings(name="far-to-west")
    access = DeployedMirror(mocks[0].access, mocks[1].access, {})

    def read_deployed(one: Settings, root: Path) -> DeployedMirror:
        if one is far:
            raise CouldNotConnect("connecting to Kafka cluster far", "no answer", "start it")
        return access

    monkeypatch.setattr(audit, "read_deployed", read_deployed)
    monkeypatch.setattr(audit, "choose_stack", lambda *_: stack_files.Chosen((far, SETTINGS), Path()))
    ran = run("--json", "--state", tmp_path)
    assert ran.exit_code == 2, ran.output
    first, second = map(json.loads, ran.stdout.splitlines())
    assert first["could_not_run"] == "connecting to Kafka cluster far: no answer. start it"
    assert (second["mirror"], second["passed"]) == ("east-to-west", True)
    monkeypatch.setattr(audit, "choose_stack", lambda *_: stack_files.Chosen((far,), Path()))
    assert isinstance(run("--state", tmp_path).exception, CouldNotConnect)
