"""`recover` over two mock clusters: list, write, repeat; what is written, where, and only once."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from manifests.strimzi.kafka_user import own_user
from mirror.clients.cluster import Cluster
from mirror.clients.records import TopicPartition
from mirror.cutover.failover import fence_mirror
from mirror.cutover.fence import kafka_user
from mirror.cutover.recovery import run
from mirror.cutover.recovery.render import remarks
from mirror.cutover.recovery.write import HEADER
from mirror.problems import CouldNotRun
from settings.acls import mirror_user_acls
from tests.unit.cutover.recovery.two_clusters import NAMES, ROWS, SETTINGS, Scene, position, read


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


def test_a_key_whose_tombstone_may_be_cleaned_away_does_not_come_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target is compacted, and a client may have deleted any key since: nothing is left that says so."""
    monkeypatch.setattr(Cluster, "topic_configs", lambda *_: {"orders": {"cleanup.policy": "compact"}})
    scene.promoted({"orders": [250, 0, 0, 0]})
    assert scene.run(to="topic").to_json()["conflicts_not_known"] == {}
    scene.promoted_at = "2026-11-01T00:00:00+00:00"
    listed = scene.run()
    assert "tombstones" in listed.to_json()["conflicts_not_known"]["orders"]
    assert any(line.startswith("orders: not every conflict is known") for line in remarks(listed))
    scene.target.write("orders.recovered", 0, [(b"there", b"already")])
    (written,) = scene.run(write=True, to="topic").to_json()["written"]
    assert (written["records"], written["quarantined"]) == (50, 50)


def test_deny_rules_of_an_interrupted_failover_are_named_before_anything_is_written(scene: Scene) -> None:
    """Kafka answers that the mirror's user is not authorized: nobody would think of the failover then."""
    scene.promoted({"orders": [250, 0, 0, 0]})
    user = own_user(SETTINGS, NAMES.mirror_user, mirror_user_acls(SETTINGS))
    missing = kafka_user.lacking(user, fence_mirror.denied(SETTINGS))
    path = scene.api.strimzi_path("KafkaUser", "kafka", NAMES.mirror_user)
    scene.api.put(path, user)
    patch = kafka_user.denied(scene.api.objects[path], missing, SETTINGS.mirror.name)
    scene.api.request("PATCH", path, "", verb="patch", body=patch)
    assert scene.run().missing == 50
    with pytest.raises(CouldNotRun, match="the failover ended before its last step") as refused:
        scene.run(write=True, to="topic")
    assert "run `region-mirror failover` again" in refused.value.way_out
    assert scene.run(write=True, to="topic", target_login={}).left == 0, "another login has no such rules"


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
