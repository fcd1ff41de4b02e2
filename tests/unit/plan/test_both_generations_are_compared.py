"""A mirror that was deployed as v1beta2 means the same as v1: going over to v1 changes nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from manifests.declaration import Declaration
from manifests.estate import Estate, StrimziApi
from manifests.strimzi.resource import read_mirror_maker2
from mirror.plan.differences import spec_differences
from settings.model import Settings
from tests.program.sample import estate
from tests.program.strategies import rendered_settings
from tests.unit.plan.made_up import plan
from tests.unit.settings.sample import settings


def of(one: Settings, api: StrimziApi) -> Estate:
    there = estate(one)
    return replace(there, target=replace(there.target, api=api))


@given(rendered_settings())
def test_the_views_are_equal(drawn: Settings) -> None:
    new = Declaration.of(drawn, of(drawn, "v1")).mirror_maker2
    old = Declaration.of(drawn, of(drawn, "v1beta2")).mirror_maker2
    assert new["apiVersion"] != old["apiVersion"]
    assert read_mirror_maker2(new) == read_mirror_maker2(old)
    assert not list(spec_differences(read_mirror_maker2(old), read_mirror_maker2(new)))


def test_a_change_is_seen_across_generations() -> None:
    found = plan(settings(mirror__topics=["orders"]), settings(), there=of(settings(), "v1beta2"))
    assert [one.name for one in found.topics.leaving] == ["payments"]
    assert [(one.where, one.key) for one in found.properties] == [("patterns", "topicsPattern")]
