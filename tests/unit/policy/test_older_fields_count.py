"""Fields that only v1beta2 has, and its defaults, mean to a rule what they mean to Strimzi."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.strimzi.resource import read_mirror_maker2
from policy.examples import MIRROR, REMOVED, sound
from tests.unit.policy.made_up import documents, ids, report

EXCLUDED = r"connect-.*,_schemas,.*\.replica,mm2.*,_.*"


def test_a_former_name_of_an_exclusion_excludes() -> None:
    """other-systems-left-out failed, and a circle was found where none is."""
    everything = ((*MIRROR, "topicsPattern"), ".*")
    newer = sound(everything, ((*MIRROR, "topicsExcludePattern"), EXCLUDED))
    older = sound(everything, ((*MIRROR, "topicsBlacklistPattern"), EXCLUDED))
    found = [report(*documents(a=one), rule="other-systems-left-out") for one in (newer, older)]
    assert ids(found[0]) == ids(found[1])
    [flow] = read_mirror_maker2(older).mirrors
    assert flow.patterns["topicsExcludePattern"] == EXCLUDED


def test_the_newer_name_wins() -> None:
    both: Any = (((*MIRROR, "groupsExcludePattern"), "a"), ((*MIRROR, "groupsBlacklistPattern"), "b"))
    [flow] = read_mirror_maker2(sound(*both)).mirrors
    assert flow.patterns["groupsExcludePattern"] == "a"


@pytest.mark.parametrize(("replicas", "found"), [(REMOVED, []), (1, ["survives-a-drain"])])
def test_a_mirror_without_replicas_has_three_pods(replicas: Any, found: list[str]) -> None:
    """Only v1beta2 may leave them out. The rule said that there is one."""
    given = sound((("spec", "replicas"), replicas))
    assert ids(report(*documents(a=given), rule="survives-a-drain")) == found
