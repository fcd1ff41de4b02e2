"""A plan says which patterns match nothing, and which groups and topics are not what the reviewer expects."""

from __future__ import annotations

from typing import Any

from mirror.plan.notes import source_notes, source_warnings
from mirror.plan.planned import SourceLook
from tests.unit.plan.made_up import SOURCE, plan
from tests.unit.settings.sample import settings


def notes(look: SourceLook = SOURCE, **changes: Any) -> list[str]:
    given = settings(**changes)
    return [*source_warnings(given, look), *source_notes(given, look)]


def test_nothing_is_said_where_everything_matches() -> None:
    assert notes() == []


def test_a_pattern_that_matches_nothing_is_named() -> None:
    (topics, groups) = notes(
        mirror__topics=["orders", "orderz.*", ".*"], mirror__groups=["billing", "bilinng", "ship.*"]
    )
    assert topics == "mirror.topics: no topic on east matches orderz.*"
    assert groups == "mirror.groups: no consumer group on east matches bilinng"


def test_a_mirror_of_nothing_is_said_first() -> None:
    (note,) = notes(mirror__topics=["orderz"])
    assert note.startswith("No topic that the source user sees on east matches mirror.topics: nothing would")
    assert note in plan(settings(mirror__topics=["orderz"])).notes


def test_groups_that_fall_to_a_default_are_named() -> None:
    sinks = tuple(f"connect-sink-{number}" for number in range(7))
    look = SourceLook(SOURCE.topics, (*SOURCE.groups, *sinks, "__x"))
    (note,) = notes(look)
    assert note.startswith(
        "MM2 never translates groups that match connect-.* or __.*, although mirror.groups matches them: "
        "__x, connect-sink-0, connect-sink-1, connect-sink-2, connect-sink-3 and 3 more. "
    )
    assert notes(look, mirror__groups_exclude=["connect-.*", "__x"]) == []


def test_topics_of_an_old_mirror_with_any_separator_are_named() -> None:
    old = ("mm2-offset-syncswestinternal", "eastcheckpointsinternal", "mm2-offset-syncs-west-internal")
    look = SourceLook({**SOURCE.topics, **dict.fromkeys(old, (1, 0))}, SOURCE.groups)
    (note,) = notes(look, mirror__topics=[".*"])
    assert note.startswith(
        "Internal topics of an earlier mirror would be mirrored too: eastcheckpointsinternal, "
    )
    assert notes(look) == []


def test_what_could_not_be_read_gets_no_note() -> None:
    assert notes(SourceLook({}, (), "gone", "gone"), mirror__topics=["orderz"]) == []
