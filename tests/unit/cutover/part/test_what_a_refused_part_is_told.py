"""The whole message of a part that cannot be moved now, and what is left to say of one that can."""

from __future__ import annotations

import pytest

from manifests.metadata import STATES_BEFORE
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.part import read
from mirror.cutover.part.choose import chosen, claim
from mirror.cutover.part.judge import Asked, Seen
from mirror.cutover.part.part import Part
from mirror.cutover.promoted_ends.journal_entries import KEY, STEP
from mirror.cutover.step import Journal, World
from mirror.problems import CouldNotRun
from settings.model import MovedSettings
from tests.unit.cutover.part.test_one_part_at_a_time import ORDERS, SEEN, Scene

REMEDY = "correct the command, or move the whole mirror with `region-mirror cutover`"


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene()

    def read_of(world: World) -> Seen:
        assert world is made.world
        return SEEN

    monkeypatch.setattr(read, "read", read_of)
    return made


def refusal(scene: Scene, asked: Asked) -> CouldNotRun:
    with pytest.raises(CouldNotRun) as raised:
        chosen(scene.world, asked, scene.journal)
    return raised.value


def test_every_problem_is_a_line_and_what_was_asked_is_named(scene: Scene) -> None:
    told = refusal(scene, Asked(("others", "bills")))
    assert told.tried == "moving a part of mirror east-to-west (bills, others)"
    no_topic = "is not mirrored: no topic of this name on the source matches mirror.topics"
    assert told.happened == f"nothing was changed:\n  - topic bills {no_topic}\n  - topic others {no_topic}"
    assert told.way_out == REMEDY
    assert refusal(scene, Asked((), ("readers",))).tried == "moving a part of mirror east-to-west (readers)"


def test_nothing_is_said_of_a_part_whose_groups_were_moved(scene: Scene) -> None:
    part = Part(scene.world.settings, ORDERS)
    assert chosen(scene.world, Asked(), scene.journal) == (None, "")
    scene.began()
    scene.moved()
    scene.annotations[STATES_BEFORE] = "{}"
    assert chosen(scene.world, Asked(("orders",)), scene.journal) == (part, "")
    del scene.annotations[STATES_BEFORE]
    only = MovedSettings(("orders",))
    assert chosen(scene.world, Asked(("orders",)), scene.journal) == (Part(scene.world.settings, only), "")


def test_names_that_just_fit_the_annotation_are_moved(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirror.cutover.part.choose.LIMIT_BYTES", 42)
    assert scene.chosen("orders").scope == ORDERS


def test_with_the_lease_the_other_part_is_named(scene: Scene) -> None:
    scene.began(MovedSettings(("payments",)))
    told = []
    for part in (Part(scene.world.settings, ORDERS), None):
        with pytest.raises(CouldNotRun) as raised:
            claim(scene.world, part, scene.journal)
        told.append(raised.value.tried)
    assert told == ["moving topic orders and group readers", "moving the whole mirror"]


def test_what_the_fence_of_an_earlier_mirror_holds_is_read_from_this_journal(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remains(_: StrimziFence, world: World, journal: Journal) -> list[str]:
        assert world is scene.world
        assert journal is scene.journal
        return ["ann"]

    monkeypatch.setattr(StrimziFence, "remains", remains)
    scene.journal.keep("fence", "kafka-users", {"ann": ["orders"]})
    scene.journal.keep(STEP, KEY, {"orders": [5]})
    assert "still holds ann" in refusal(scene, Asked(("orders",))).happened


def test_after_a_completed_part_its_fence_is_no_cutover_of_the_whole(scene: Scene) -> None:
    """The journal keeps the part's own fence, of other topics than those that the mirror has moved."""
    scene.began()
    scene.moved()
    scene.journal.keep("fence", "kafka-users", {"ann": ["orders"]})
    scene.journal.keep("stop-producers", "replicas", {"Deployment shop/writer": 3})
    assert scene.chosen("payments").scope == MovedSettings(("payments",))
