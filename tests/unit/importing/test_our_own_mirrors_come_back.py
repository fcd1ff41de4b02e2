"""A mirror that region-mirror rendered is imported without a difference."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manifests.metadata import MIRROR
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
