"""The fence of thousands of topics: it fits into a KafkaUser and the journal, or is refused before it begins.

An object of Kubernetes has 256 KiB of annotations. The deny rules of 2,000 topics needed more: the API
refused the change of a user with a wide ALLOW after others were fenced, and the cutover ended there.
"""

from __future__ import annotations

import json

import pytest

from mirror.cutover.fence import kafka_user
from mirror.cutover.fence.strimzi import StrimziFence, too_large
from mirror.cutover.journal import LIMIT_BYTES
from mirror.estate.fenced_user import annotation, noted_in, text_of
from tests.unit.cutover.fence.test_kafka_users import acl, user
from tests.unit.cutover.fence.test_strimzi_fence import Scene
from tests.unit.support.memory_journal import MemoryJournal

NOTED = annotation("east-to-west")


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """An estate of 5,000 topics, to which 5 of its users may write."""
    made = Scene(monkeypatch)
    made.topics[:] = [f"commerce.orders.region-{number:05}" for number in range(5_000)]
    for number in range(4):
        made.add(user(acl("commerce.", "Write", prefix=True), name=f"team-{number:02}"))
    made.before = made.specs()
    return made


def test_thousands_of_topics_are_fenced_and_put_back(scene: Scene) -> None:
    fence, journal = StrimziFence(), MemoryJournal()
    assert fence.look(scene.world).state == "todo"
    fence.do(scene.world, journal)
    assert fence.look(scene.world).text == "5 KafkaUsers fenced, 5,000 topics"
    for _, there in scene.specs().values():
        assert len(there.get(NOTED, "")) < 262_144 - 50_000
    kept = journal.content[("fence", "kafka-users")]
    assert len(json.dumps(kept)) < LIMIT_BYTES / 10
    assert {len(topics) for topics in kept.values()} == {20}
    fence.undo(scene.world, journal)
    assert scene.specs() == scene.before


def test_what_does_not_fit_is_refused_before_anybody_is_fenced(scene: Scene) -> None:
    scene.topics += [f"commerce.{'long' * 40}-{number}" for number in range(1_000)]
    verdict = StrimziFence().look(scene.world)
    assert verdict.state == "blocked"
    assert "too few deny rules for all topics that it may write to: bob (6,000 topics)" in verdict.text
    assert verdict.remedy.startswith("set `cutover.fence: manual`, stop the producers")
    paused = user(acl("*", "Write"), **{kafka_user.PAUSE: "true"})
    assert too_large([paused], scene.topics, "east-to-west") == [], "it is accepted by name"


def test_annotations_of_others_count() -> None:
    of_apply = user(acl("*", "Write"), **{"kubectl.kubernetes.io/last-applied": "x" * 262_000})
    assert kafka_user.too_large(of_apply, ["orders"], "east-to-west") == ""
    assert kafka_user.too_large(of_apply, ["orders"] * 20, "east-to-west") == "ann (20 topics)"


def test_a_fence_of_an_earlier_release_notes_whole_rules() -> None:
    before = user(acl("*", "Write"))
    fenced = kafka_user.fenced(before, ["orders"], "east-to-west")
    rules = fenced["spec"]["authorization"]["acls"]
    earlier = user(*rules, **{NOTED: json.dumps(rules[1:])})
    patch = kafka_user.unfenced(earlier, "east-to-west")
    assert patch is not None
    assert patch["spec"]["authorization"]["acls"] == [acl("*", "Write")]


def test_a_rule_of_another_form_is_noted_as_a_whole() -> None:
    wide = {**acl("com", "Write", prefix=True), "type": "deny", "host": "*"}
    here = {**acl("orders", "Write"), "type": "deny", "host": "*"}
    assert json.loads(text_of([wide, here])) == [wide, "orders"]
    assert noted_in(text_of([wide, here])) == [wide, here]
    assert noted_in("[3]") is None
