"""`recover` over two mock clusters: list, write, repeat; what is written, where, and only once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as Place

from manifests.metadata import PHASE, PROMOTED_AT
from mirror.clients.cluster import Cluster
from mirror.clients.kubernetes import Kubernetes
from mirror.clients.records import TopicPartition, Unread
from mirror.clients.sides import Sides
from mirror.cutover.recovery import recover as module
from mirror.cutover.recovery import run
from mirror.cutover.recovery.choices import RecoveryOptions
from mirror.cutover.recovery.recover import recover
from mirror.cutover.recovery.report import RecoveryReport
from mirror.cutover.recovery.run import Recovery
from mirror.cutover.recovery.write import HEADER
from mirror.cutover.step import Options, World
from mirror.mm2.positions import START_MARK
from mirror.problems import CouldNotRead, CouldNotRun
from mirror.verify.reading.look import Session
from settings.names import Names
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.mock_kafka import MockCluster

SETTINGS = settings()
NAMES = Names.of(SETTINGS)
Row = tuple[bytes | None, bytes | None]
ROWS: list[Row] = [(b"k%d" % (number % 50), b"%d" % number) for number in range(300)]


def position(partition: int, offset: int) -> Row:
    where = {"cluster": "east", "partition": partition, "topic": "orders"}
    return json.dumps([NAMES.source_connector, where]).encode(), json.dumps({"offset": offset}).encode()


def start(partition: int, offset: int) -> Row:
    where = {"cluster": "east", "partition": partition, "topic": "orders"}
    name = START_MARK + NAMES.source_connector
    return json.dumps([name, where]).encode(), json.dumps({"offset": offset}).encode()


@dataclass
class Scene:
    source: MockCluster = field(default_factory=MockCluster)
    target: MockCluster = field(default_factory=MockCluster)
    api: MemoryApi = field(default_factory=MemoryApi)
    promoted_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def run(self, **options: Any) -> RecoveryReport:
        with ExitStack() as stack:
            return recover(self.world(stack), RecoveryOptions(groups=False, **options))

    def recovery(self, stack: ExitStack) -> Recovery:
        return Recovery(self.world(stack), RecoveryOptions(), stack, lambda _: None)

    def world(self, stack: ExitStack) -> World:
        sides = stack.enter_context(Sides(self.source.access, self.target.access))
        FakeWorld.scene = self
        return FakeWorld(SETTINGS, Path(), Session(SETTINGS, Path(), stack, sides), options=Options())

    def promoted(self, ends: dict[str, list[int]], key: str = "target-ends") -> None:
        """What the step `promote` has recorded, of the mirror or of a part."""
        content = {"version": 1, "kept": {"promote": {key: ends}}, "events": []}
        path = f"/api/v1/namespaces/kafka/configmaps/{NAMES.cutover}"
        self.api.objects[path] = {
            "metadata": {"name": NAMES.cutover},
            "data": {"journal.json": json.dumps(content)},
        }


class FakeWorld(World):
    __slots__ = ()
    scene: Scene

    @property
    def target_kubernetes(self) -> Kubernetes:
        return cast(Kubernetes, self.scene.api)

    def resource(self) -> Any:
        return {"metadata": {"annotations": {PHASE: "promoted", PROMOTED_AT: self.scene.promoted_at}}}

    def mirror_user(self) -> Any:
        return self.scene.target.access


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """300 records on the source, of which the first 250 have crossed."""
    made = Scene()
    made.source.write("orders", 0, ROWS)
    made.target.write("orders", 0, ROWS[:250])
    made.target.write(NAMES.offsets_topic, 0, [position(0, 249)])
    monkeypatch.setattr(module, "refuse_running", lambda _: "2026-11-28T00:00:00+00:00")
    monkeypatch.setattr(module, "fence_of", lambda _: (True, "2 users are fenced"))
    monkeypatch.setattr(run, "baseline", _no_baseline)
    # The mock cluster answers neither DescribeConfigs nor DescribeTopics nor CreateTopics.
    monkeypatch.setattr(run, "create", lambda *_: None)
    monkeypatch.setattr(Cluster, "topic_ids", lambda *_: {})
    monkeypatch.setattr(Cluster, "topic_configs", lambda *_: {})
    return made


def _no_baseline(_: object) -> None:
    raise CouldNotRead("reading the baseline", "there is none", "deploy")


@contextmanager
def consumer(cluster: MockCluster) -> Iterator[Consumer]:
    made = Consumer({"bootstrap.servers": cluster.access.bootstrap_servers, "group.id": "test"})
    try:
        yield made
    finally:
        made.close()


def read(cluster: MockCluster, topic: str, start: int, count: int) -> Sequence[Any]:
    with consumer(cluster) as made:
        made.assign([Place(topic, 0, start)])
        found: list[Any] = []
        while messages := made.consume(
            1000 if len(found) >= count else count - len(found), 2.0 if len(found) < count else 0.3
        ):
            found += messages
        return found


def test_it_lists_what_never_crossed_and_changes_nothing(scene: Scene) -> None:
    scene.promoted({"orders": [250, 0, 0, 0]})
    report = scene.run()
    found = report.to_json()
    assert (found["missing"], found["conflicts"], found["passed"]) == (50, 0, False)
    (partition,) = found["partitions"]
    assert partition["ranges"] == [{"first": 250, "last": 299, "records": 50}]
    assert "written" not in found
    assert scene.run().missing == 50


def test_without_recorded_ends_the_copy_of_the_last_record_says_where_clients_begin(scene: Scene) -> None:
    scene.target.write("orders", 0, [(b"k7", b"new")])
    report = scene.run()
    assert (report.missing, report.total("conflicts")) == (50, 1)
    assert any("found by content" in note for note in report.notes)


def test_to_the_topic_itself_bytes_and_timestamps_stay_and_conflicts_are_quarantined(scene: Scene) -> None:
    scene.promoted({"orders": [250, 0, 0, 0]})
    scene.source.write("orders", 0, [(b"gone", None), (None, b"no key")])
    scene.target.write("orders", 0, [(b"k7", b"new")])
    scene.target.write("orders.recovered", 0, [(b"there", b"already")])
    report = scene.run(write=True, to="topic")
    assert (report.left, report.passed) == (0, True)
    (written,) = report.to_json()["written"]
    assert (written["records"], written["quarantined"], written["to"]) == (52, 1, "orders")
    there = read(scene.target, "orders", 251, 51)
    assert [(one.key(), one.value()) for one in there] == [
        row for row in [*ROWS[250:], (b"gone", None), (None, b"no key")] if row[0] != b"k7"
    ]
    assert there[0].timestamp()[1] == 1250
    assert there[0].headers() == [
        ("n", b"250"),
        (HEADER + "alias", b"east"),
        (HEADER + "topic", b"orders"),
        (HEADER + "partition", b"0"),
        (HEADER + "offset", b"250"),
    ]
    (held,) = read(scene.target, "orders.recovered", 1, 1)
    assert (held.key(), held.value()) == (b"k7", b"257")


def test_run_again_it_writes_nothing_twice(scene: Scene) -> None:
    scene.promoted({"orders": [250, 0, 0, 0]})
    assert scene.run(write=True, to="topic").left == 0
    again = scene.run(write=True, to="topic")
    assert (again.missing, again.written, again.total("recovered")) == (0, [], 50)
    assert len(read(scene.target, "orders", 250, 50)) == 50
    scene.source.write("orders", 0, [(b"k1", b"late")])
    assert scene.run(write=True, to="topic").to_json()["written"][0]["records"] == 1


def test_killed_between_two_transactions_the_next_run_continues(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mirror.cutover.recovery import write

    monkeypatch.setattr(write, "RECORDS", 20)
    scene.promoted({"orders": [250, 0, 0, 0]})

    class Killed(Exception):
        pass

    def die(_: object, __: object, count: int) -> None:
        if count == 40:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(run.Recovery, "_committed", die)
        with pytest.raises(Killed):
            scene.run(write=True, to="topic")
    report = scene.run(write=True, to="topic")
    assert (report.missing, report.total("recovered"), report.total("conflicts")) == (10, 40, 0)
    assert [one.value() for one in read(scene.target, "orders", 250, 50)] == [row[1] for row in ROWS[250:]]


def test_a_source_whose_log_ends_before_the_position_is_compared_as_a_whole(scene: Scene) -> None:
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 900)])
    report = scene.run()
    (partition,) = report.to_json()["partitions"]
    assert "ends at offset 300" in partition["anew"]
    assert (partition["crossed"], partition["missing"]) == (250, 50)


def test_a_part_begins_at_its_recorded_end_and_a_whole_mirror_where_content_agrees(scene: Scene) -> None:
    """A whole promotion may not have waited for MM2's last transaction; a part was drained before."""
    scene.target.write("orders", 0, [ROWS[250]], [250])
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 250)])
    copied = TopicPartition("orders", 0)
    for key, end in (("target-ends-of-parts", 250), ("target-ends", 251)):
        scene.promoted({"orders": [250, 0, 0, 0]}, key)
        with ExitStack() as stack:
            found = scene.recovery(stack)
            extents = found.with_ends(found.extents(), confirmed=True)
            assert {one.target: one.promoted for one in extents}[copied] == end


def restored(scene: Scene, kept: int, new: int) -> None:
    """The source was restored with so many of its 300 records, and clients have written others since."""
    scene.source = MockCluster()
    scene.source.write("orders", 0, ROWS[:kept])
    scene.source.write("orders", 0, [(b"new%d" % one, b"new") for one in range(new)])


@pytest.mark.parametrize("new", [50, 150])
def test_a_restored_source_that_has_grown_past_the_position_is_compared_as_a_whole(
    scene: Scene, new: int
) -> None:
    """Its topic has the same id, and its log does not end before MM2's position."""
    scene.promoted({"orders": [250, 0, 0, 0]})
    restored(scene, 200, new)
    (partition,) = (report := scene.run(write=True)).to_json()["partitions"]
    assert "the record at offset 249, up to which MM2 has mirrored, is not in the copy" in partition["anew"]
    assert (partition["crossed"], partition["missing"]) == (200, new)
    assert report.left == 0
    assert len(read(scene.target, "orders.recovered", 0, new)) == new
    assert scene.run(write=True).written == []


def test_a_copy_that_was_created_again_is_compared_as_a_whole(scene: Scene) -> None:
    scene.promoted({"orders": [250, 0, 0, 0]})
    scene.target = MockCluster()
    scene.target.write("orders", 0, [(b"client", b"%d" % one) for one in range(260)])
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 249)])
    assert scene.run().missing == 300


@pytest.mark.parametrize("last", [(b"k49", b"written since"), None])
def test_a_last_copy_that_the_log_cleaner_has_removed_proves_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, last: Row | None
) -> None:
    monkeypatch.setattr(Cluster, "topic_configs", lambda *_: {"orders": {"cleanup.policy": "compact"}})
    scene.promoted({"orders": [250, 0, 0, 0]})
    scene.target = MockCluster()
    scene.target.write("orders", 0, [*ROWS[:249], (b"x", b"instead of 249"), *([last] if last else [])])
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 249)])
    report = scene.run()
    assert bool(report.partitions[0].extent.anew) == (last is None)
    assert report.missing == (51 if last is None else 50)
    scene.promoted_at = "2026-11-01T00:00:00+00:00"
    assert scene.run().missing == 50, "a client may have deleted the key, and the cleaner its tombstone"


def test_a_source_without_any_mirrored_topic_is_refused_unless_the_way_back_asks(scene: Scene) -> None:
    scene.source = MockCluster()
    with pytest.raises(CouldNotRun, match="none of the source's topics matches"):
        scene.run()
    with ExitStack() as stack:
        options = RecoveryOptions(even_empty=True)
        found = Recovery(scene.world(stack), options, stack, lambda _: None)
        assert found.extents() == []


def test_what_was_not_looked_at_is_said(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.target = MockCluster()
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 299)])
    monkeypatch.setattr(Cluster, "topic_ids", lambda *_: {"orders": Unread("not authorized")})
    notes = "\n".join(scene.run().notes)
    assert "orders-0: MM2 has mirrored it, and the target has no copy any more" in notes
    assert "whether these topics were created again is not known: orders" in notes


def test_a_position_that_was_only_chosen_is_no_copy(scene: Scene) -> None:
    """`mirror.start_from`: the record at a start position was left out on purpose."""
    scene.target = MockCluster()
    scene.target.write("orders", 0, [(b"own", b"%d" % one) for one in range(5)])
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 249), start(0, 249)])
    scene.promoted({"orders": [5, 0, 0, 0]})
    report = scene.run()
    assert (report.missing, report.partitions[0].extent.anew) == (50, "")
