"""The replication policy, its separator and the place of the offset syncs are those of the source connector.

A public mirror has the identity policy in its checkpoint connector only: its copies have prefixes, and the
stack file would have mirrored into topics without, from the positions of the others.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from mirror.importing.convert import convert
from mirror.importing.imported import Imported
from settings.load import load_stack
from settings.stack_file import parse_stack_file
from tests.unit.importing.logins import MIRROR, TARGET
from tests.unit.importing.test_public_mirrors_become_stack_files import FILES
from tests.unit.plan.made_up import plan

IDENTITY = "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"
OTHER = {
    "replication.policy.class": IDENTITY,
    "replication.policy.separator": "-",
    "offset-syncs.topic.location": "target",
}


def imported(source: Mapping[str, str] | None, checkpoint: Mapping[str, str]) -> Imported:
    theirs = copy.deepcopy(MIRROR)
    (mirror,) = theirs["spec"]["mirrors"]
    mirror |= {"sourceConnector": {"config": dict(source or {})}}
    mirror |= {"checkpointConnector": {"config": dict(checkpoint)}}
    if source is None:
        del mirror["sourceConnector"]
    return convert(theirs, TARGET, "test")


def named(found: Imported) -> tuple[str, str, str]:
    mirror = found.sections["mirror"]
    return (
        mirror["replication_policy"],
        mirror.get("replication_policy_separator", "."),
        mirror["offset_syncs_topic_location"],
    )


def test_what_it_leaves_out_has_mm2s_default() -> None:
    found = imported({}, OTHER)
    assert named(found) == ("default", ".", "source")
    told = {one.key: one.why for one in found.differences if one.where == "checkpoint connector"}
    assert "no-loss rule replication-policy-agrees" in told["replication.policy.class"]
    assert "no-loss rule offset-syncs-location" in told["offset-syncs.topic.location"]


def test_what_it_sets_counts() -> None:
    assert named(imported(OTHER, {})) == ("identity", "-", "target")


def test_without_one_the_checkpoint_connector_tells() -> None:
    assert named(imported(None, OTHER)) == ("identity", "-", "target")


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".yaml")])
def test_a_plan_of_an_imported_mirror_refuses_nothing(name: str) -> None:
    """Each name by which MM2 finds its positions and copies is that of the deployed mirror."""
    theirs: dict[str, Any] = dict(FILES[name])
    found = convert(theirs, TARGET, "test")
    (settings,) = load_stack(parse_stack_file(found.stack_file(), "region-mirror"))
    assert plan(settings, settings, mirror_maker2=theirs).refused == ()
