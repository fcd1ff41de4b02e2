"""Topics and groups that a connector's properties select: Strimzi keeps them where the resource has none.

The stack file mirrored every topic of the source.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from mirror.importing.convert import convert
from mirror.importing.imported import Imported
from tests.unit.importing.logins import MIRROR, TARGET


def imported(source: dict[str, Any], checkpoint: dict[str, Any], **fields: str) -> Imported:
    theirs = copy.deepcopy(MIRROR)
    (mirror,) = theirs["spec"]["mirrors"]
    for key in [one for one in mirror if one.endswith("Pattern")]:
        del mirror[key]
    mirror |= {"sourceConnector": {"config": source}, "checkpointConnector": {"config": checkpoint}, **fields}
    return convert(theirs, TARGET, "test")


@pytest.mark.parametrize("excluded", ["topics.exclude", "topics.blacklist"])
def test_they_become_settings(excluded: str) -> None:
    found = imported(
        {"topics": "orders, returns", excluded: "tmp-.*"}, {"groups": "billing", "groups.exclude": "x-.*"}
    )
    mirror = found.sections["mirror"]
    assert mirror["topics"] == ["orders", "returns"]
    assert mirror["topics_exclude"] == ["tmp-.*"]
    assert (mirror["groups"], mirror["groups_exclude"]) == (["billing"], ["x-.*"])
    assert not [one for one in found.differences if one.key in ("topics", "groups", excluded)]


def test_a_field_of_the_resource_wins() -> None:
    """`KafkaMirrorMaker2Connectors` overwrites the property."""
    found = imported({"topics": "orders"}, {}, topicsPattern="payments")
    assert found.sections["mirror"]["topics"] == ["payments"]
    (one,) = [one for one in found.differences if one.key == "topics"]
    assert (one.kind, one.theirs) == ("not kept", "orders")
    assert one.why == "has no effect: topicsPattern of the resource overwrites it"
