"""A mirror belongs to one stack, and a source alias to one mirror of a target: who is refused, and how to
proceed.
"""

from __future__ import annotations

from typing import Any

import pytest

from manifests.declaration import Declaration
from manifests.metadata import MIRROR, OWNER, Owner
from mirror.estate.ownership import UNRECORDED, DeployedObject, destroy_refusal, refusal, rivals
from settings.model import Settings
from tests.program.sample import estate
from tests.unit.settings.sample import settings

MINE = Owner("region-mirror", "west", "0123456789abcdef")
OTHER = Owner("region-mirror", "north", "fedcba9876543210")
LOST = Owner("region-mirror", "west", "fedcba9876543210")
WHAT = "KafkaMirrorMaker2 kafka/east-to-west"
NOWHERE: frozenset[str] = frozenset()


def refused(owner: Owner | None, mine: Owner = MINE, *, known: bool = False, take_over: str = "") -> str:
    there = [DeployedObject(WHAT, owner)]
    return refusal("east-to-west", there, mine, known=known, take_over=take_over or None) or ""


def test_another_stack_is_named_with_every_way_out() -> None:
    said = refused(OTHER, known=True)
    assert f"{WHAT} belongs to Pulumi stack {OTHER}; this stack is region-mirror/west" in said
    assert "choose another mirror.name" in said
    assert "`pulumi destroy` there" in said
    assert f"mirror.take_over: {OTHER}" in said
    assert "its `pulumi destroy` deletes them" in said


def test_a_stack_of_the_same_name_with_another_state_is_another_owner() -> None:
    assert "a stack of this name with another state" in refused(LOST)


def test_a_mirror_without_an_owner_belongs_to_the_stack_that_knows_it() -> None:
    assert refused(None, known=True) == ""
    said = refused(None)
    assert "It records no owner" in said
    assert "mirror.take_over: unrecorded" in said


@pytest.mark.parametrize(
    ("owner", "mine"),
    [
        (MINE, MINE),
        (Owner("region-mirror", "before-rename", MINE.id), MINE),
        (LOST, Owner("region-mirror", "west")),
    ],
)
def test_its_own_mirror_is_deployed(owner: Owner, mine: Owner) -> None:
    assert refused(owner, mine) == ""


def test_a_takeover_names_the_owner_that_it_replaces() -> None:
    assert refused(OTHER, take_over=str(OTHER)) == ""
    assert refused(None, take_over=UNRECORDED) == ""
    assert refused(OTHER, take_over=UNRECORDED)
    assert refused(OTHER, take_over=str(LOST).replace("west", "south"))


def test_a_mirror_that_is_not_there_has_no_owner() -> None:
    assert refusal("east-to-west", [], MINE, known=False, take_over=None) is None


@pytest.mark.parametrize("mine", [MINE, None])
def test_a_stack_does_not_destroy_the_mirror_of_another(mine: Owner | None) -> None:
    said = destroy_refusal("east-to-west", DeployedObject(WHAT, OTHER), mine) or ""
    assert f"belongs to Pulumi stack {OTHER}" in said
    assert "Nothing has been deleted" in said
    assert "pulumi stack rm --force" in said


@pytest.mark.parametrize("mine", [MINE, None])
def test_its_own_and_an_unrecorded_mirror_are_destroyed(mine: Owner | None) -> None:
    assert destroy_refusal("east-to-west", DeployedObject(WHAT, None), mine) is None
    assert destroy_refusal("east-to-west", DeployedObject(WHAT, MINE), MINE) is None


def deployed(given: Settings, **annotations: str) -> dict[str, Any]:
    resource = Declaration.of(given, estate(given)).mirror_maker2
    return {**resource, "metadata": {**resource["metadata"], "annotations": annotations}}


def other(**changes: Any) -> Settings:
    return settings(**{"mirror__name": "older", "mirror__group_id": "older", **changes})


def test_a_live_mirror_with_the_same_alias_is_a_problem_and_its_topics_stay() -> None:
    live = deployed(other(), **{MIRROR: "older", OWNER: str(OTHER)})
    ((finding,), warnings) = rivals(settings(), [live], NOWHERE, MINE)
    assert warnings == []
    assert finding.subject == "KafkaMirrorMaker2 kafka/older on west"
    assert "(Pulumi stack region-mirror/north)" in finding.message
    assert "east.checkpoints.internal and mm2-offset-syncs.east.internal" in finding.message
    assert "another source.alias" in finding.remedy
    assert "Do not delete these topics" in finding.remedy


def test_a_mirror_of_nobody_may_be_this_stacks_former_name() -> None:
    ((finding,), _) = rivals(settings(), [deployed(other())], NOWHERE, MINE)
    assert "set mirror.name back to older" in finding.remedy


@pytest.mark.parametrize(
    ("given", "live"),
    [
        (settings(), deployed(other(source__alias="north"))),
        (settings(), deployed(other(target__alias="far"))),
        (settings(), deployed(settings())),
        (settings(), deployed(other(), **{OWNER: str(MINE)})),
    ],
)
def test_other_sources_other_targets_and_this_stacks_own_are_none(
    given: Settings, live: dict[str, Any]
) -> None:
    assert rivals(given, [live], NOWHERE, MINE) == ([], [])


@pytest.mark.parametrize(
    ("given", "there"),
    [
        (settings(), [deployed(other(mirror__state="stopped"))]),
        (settings(), [deployed(other()), deployed(settings())]),
        (settings(mirror__identity_change="allow"), [deployed(other())]),
    ],
)
def test_a_stopped_one_a_deployed_mirror_and_an_allowed_rename_are_warned_of(
    given: Settings, there: list[dict[str, Any]]
) -> None:
    findings, (warning,) = rivals(given, there, NOWHERE, MINE)
    assert findings == []
    assert "each would use the offsets of the other" in warning


def test_the_targets_address_counts_where_its_alias_is_another() -> None:
    live = deployed(other(target__alias="far", mirror__offset_syncs_topic_location="target"))
    assert rivals(settings(), [live], frozenset({"localhost:29094"}), MINE)[0]
