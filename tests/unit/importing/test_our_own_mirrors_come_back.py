"""A mirror that region-mirror rendered is imported without a difference."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.ownership import owned_manifest
from manifests.metadata import MIRROR, Owner
from manifests.strimzi.mirror_maker2 import mirror_maker2
from mirror.importing.convert import convert, rendered
from mirror.importing.sections import Where
from settings.load import load, load_stack
from settings.model import Settings
from settings.stack_file import parse_stack_file
from tests.program.every_setting import every_setting
from tests.program.examples import EXAMPLES, stack
from tests.program.sample import estate
from tests.program.test_golden_manifests import CASES
from tests.unit.settings.sample import settings

OURS: dict[str, Settings] = {
    **{name: settings(**changes) for name, changes in CASES.items()},
    "every-setting-v1": load(every_setting()),
    "every-setting-v1beta2": load(every_setting("v1beta2")),
    **{f"{name}/{one.mirror.name}": one for name in EXAMPLES for one in stack(name)},
}


@pytest.mark.parametrize("name", OURS)
def test_it_comes_back(name: str) -> None:
    given = OURS[name]
    resource = mirror_maker2(given, estate(given))
    where = Where(given.target.cluster, given.target.namespace, given.target.listener)
    imported = convert(resource, where, "test")
    assert [one for one in imported.differences if one.where != "metadata"] == []
    (again,) = load_stack(parse_stack_file(imported.stack_file()))
    ours = rendered(again, resource)
    assert ours["spec"] == resource["spec"]
    assert ours["metadata"]["annotations"][MIRROR] == given.mirror.name
    assert again.mirror.group_id
    assert replace(again, source=given.source).target.alias == given.target.alias


@pytest.mark.parametrize("phase", ["promoted", "retired"])
def test_a_promoted_mirror_is_still_promoted(phase: str) -> None:
    """It became a mirror that replicates and is stopped, which plan and preview refuse."""
    given = settings(mirror__phase=phase)
    resource = mirror_maker2(given, estate(given))
    imported = convert(resource, Where("west", "kafka", "mtls"), "test")
    assert imported.sections["mirror"]["phase"] == phase
    assert "state" not in imported.sections["mirror"]
    (again,) = load_stack(parse_stack_file(imported.stack_file()))
    assert rendered(again, resource)["spec"] == resource["spec"]


def test_a_recorded_owner_is_the_one_to_take_over() -> None:
    """With `unrecorded` the first `pulumi up` was refused."""
    given, owner = settings(), Owner("region-mirror", "west", "ab" * 8)
    resource = owned_manifest(mirror_maker2(given, estate(given)), str(owner))
    imported = convert(resource, Where("west", "kafka", "mtls"), "test")
    assert imported.sections["mirror"]["take_over"] == str(owner)
    (asked,) = [one for one in imported.todo if one.startswith("mirror.take_over: ")]
    assert "belongs to Pulumi stack region-mirror/west" in asked, "which may still manage it"
    assert load_stack(parse_stack_file(imported.stack_file()))
