"""A program in YAML declares each mirror as a component, and the rules between mirrors hold all the same."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.errors import InputPropertiesError

from provider.beside import MirrorsBeside
from settings.model import Settings
from tests.unit.settings.sample import settings

BACK: dict[str, Any] = {
    "mirror__name": "west-to-east",
    "source__alias": "west",
    "source__cluster": "west",
    "target__alias": "east",
    "target__cluster": "east",
    "users__copy": [],
}


def back(**changes: Any) -> Settings:
    return settings(**{**BACK, **changes})


def refused(*mirrors: Settings) -> str:
    beside = MirrorsBeside()
    for one in mirrors[:-1]:
        beside.judge(f"RegionMirror {one.mirror.name}", one)
    with pytest.raises(InputPropertiesError) as error:
        beside.judge("RegionMirror last", mirrors[-1])
    return str([(one["property_path"], one["reason"]) for one in error.value.errors or []])


def test_a_circle_of_two_components_is_refused() -> None:
    """Neither is deployed yet, so nothing on the clusters shows the other one: every record went round."""
    assert "in a loop" in refused(settings(), back())


def test_two_components_with_one_group_are_refused() -> None:
    other = settings(mirror__name="second", source__alias="north", mirror__group_id="east-to-west")
    assert "is also the Connect group of mirror" in refused(settings(users__copy=[]), other)


def test_a_component_is_no_other_one_of_itself() -> None:
    beside = MirrorsBeside()
    for _ in range(2):
        beside.judge("RegionMirror mirror", settings())
    beside.judge("RegionMirror back", back(mirror__topics=["returns"]))
