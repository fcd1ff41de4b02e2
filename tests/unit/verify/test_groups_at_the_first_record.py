"""A group whose offset is at the first record of the source's log, and that has none on the target."""

from __future__ import annotations

import pytest

from mirror.clients.records import Bounds
from mirror.verify.checks.groups_translated import judge
from mirror.verify.values.group_partition import GroupPartition
from tests.unit.verify.translations import at, judged


def test_a_group_before_the_sources_log_starts_by_its_reset_there_too() -> None:
    assert judged(at(1, None, source=Bounds(2, 8))).state == "nothing-read"
    assert judged(at(9, None, source=Bounds(9, 9))).state == "nothing-read"


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(at(2, None, source=Bounds(2, 8), located=2), id="retention removed what was before"),
        pytest.param(at(2, None, read_before=False, located=2), id="compaction or markers are before"),
        pytest.param(at(0, None, located=0), id="nothing was ever before"),
    ],
)
def test_a_group_at_the_first_record_would_skip_the_copies_of_all(one: GroupPartition) -> None:
    """It has an offset, so at the source it reads on; without one `latest` starts at the target's end."""
    assert judged(one).state == "absent"
    [finding] = judge([one]).findings
    assert "which with `latest`, the default, skips every record that was mirrored" in finding.message
    assert finding.remedy.startswith("a group with `auto.offset.reset=earliest` skips nothing")
    assert f"--to-offset {one.located}" in finding.remedy


def test_a_group_at_the_first_record_skips_nothing_that_has_no_copy() -> None:
    assert judged(at(2, None, source=Bounds(2, 8), position=None)).state == "nothing-read"
    assert judged(at(2, None, source=Bounds(2, 8), position=1)).state == "nothing-read"
    assert judged(at(2, None, source=Bounds(2, 8), target=Bounds(6, 6))).state == "nothing-read"
    assert judged(at(3, None, source=Bounds(2, 8), position=1)).state == "absent", "it has read a record"
