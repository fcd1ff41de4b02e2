"""What is proposed for a group in the original, where it has read the copy with a prefix."""

from __future__ import annotations

import pytest

from mirror.clients.records import TopicPartition
from mirror.cutover.reopening.homes import Home, first_unread, proposed
from mirror.offsets.proposal import Proposal
from tests.unit.audit.made_up import Record
from tests.unit.cutover.reopening.test_groups_continue_in_the_original import block

COPY, ORIGINAL = TopicPartition("east.orders", 0), TopicPartition("orders", 0)


@pytest.mark.parametrize(
    ("home", "current", "offset", "how", "rereads", "exact", "note"),
    [
        (Home(10), None, 10, "by-content", 0, True, ""),
        (Home(10), 9, 10, "by-content", 0, True, ""),
        (Home(10), 10, 10, "by-content", 0, True, ""),
        (Home(10), 14, 14, "by-content", 0, True, ""),
        (Home(10, "recovered", again=3), 9, 10, "by-content", 3, True, "recovered"),
        (Home(10, "recovered", again=3), 10, 10, "by-content", 0, True, ""),
        (Home(10, "late", again=3, exact=False), 9, 10, "by-content", None, False, "late"),
        (Home(None, "not found"), 14, None, "none", None, False, "not found"),
    ],
)
def test_a_group_continues_at_its_record_or_where_it_has_read_on(
    home: Home, current: int | None, offset: int | None, how: str, rereads: int | None, exact: bool, note: str
) -> None:
    found = proposed("billing", COPY, 5, ORIGINAL, home, current)
    assert found == Proposal("billing", COPY, 5, ORIGINAL, offset, how, rereads, exact, current, note)


def test_all_of_the_original_may_be_unread() -> None:
    """Markers only are at offsets 12 and 13; each of the equal records is one of several."""
    rows = [Record(10, key=1), Record(11, key=1)]
    assert first_unread(block([Record(5, key=1), Record(6, key=1)]), block(rows), 14) == 10
    assert first_unread(block([Record(5, key=1)]), block(rows), 14) == 11


def test_one_equal_record_of_a_time_of_its_own_is_unmistakable() -> None:
    unread = [Record(5, key=1), Record(6, key=1), Record(7, key=2)]
    assert first_unread(block(unread), block([Record(10, key=1), Record(11, key=3)]), 12) == 10
    stamped = [one._replace(broker_stamped=True) for one in unread]
    assert first_unread(block(stamped), block([Record(10, key=1), Record(11, key=3)]), 12) is None
    assert first_unread(block(stamped[1:]), block([Record(10, key=1), Record(11, key=3)]), 12) == 10
