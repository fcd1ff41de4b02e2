"""Records behind the copies on the target: a topic that moved, or two regions that are written to."""

from __future__ import annotations

from typing import Any

from mirror.clients.records import Record
from mirror.verify.values.written import Written, written_on_target
from tests.unit.support.made_up import record

COPIES = [record(0, "a", key="j", age=9), record(1, "b", key="k", age=8)]


def written(
    target: list[Record], *, source: list[Record] | None = None, compacted: bool = False
) -> Written | None:
    rows = COPIES if source is None else source
    values: dict[str, Any] = {"target_start": 10, "compacted": compacted}
    return written_on_target(rows[-1].offset if rows else None, rows, target, target[-1], **values)


def at(offset: int, one: Record) -> Record:
    return one._replace(offset=offset)


def test_what_follows_the_last_copy_is_written_there() -> None:
    new = [record(12, "x", age=3), record(13, "y", age=2)]
    copies = [at(10, COPIES[0]), at(11, COPIES[1])]
    assert written([*copies, *new]) == Written(12, 13)
    assert written([*copies, *new], compacted=True) == Written(12, 13)
    assert written(new) is None, "no copy is known"
    assert written(new, source=[]) == Written(10, 13)


def test_times_of_arrival_are_not_compared() -> None:
    copies = [at(10, COPIES[0])._replace(timestamp=77), at(11, COPIES[1])._replace(timestamp=78)]
    stamped = [one._replace(no_producer_time=True) for one in [*copies, record(12, "x", age=3)]]
    assert written(stamped) == Written(12, 12)
    assert written([*copies, record(12, "x", age=3)]) is None, "records of another time are no copies"
    assert written(stamped, compacted=True) is None, "nothing says that it is newer than the source's"


def test_on_a_compacted_topic_only_newer_records_are_a_producers() -> None:
    copies = [at(10, COPIES[0]), at(11, COPIES[1])]
    same_time = record(12, "x", age=8)
    assert written([*copies, same_time], compacted=True) is None, "perhaps a copy, and its original is gone"
    assert written([*copies, record(12, "x", age=7.999)], compacted=True) == Written(12, 12)
    older_first = [*copies, same_time, record(13, "y", age=2)]
    assert written(older_first, compacted=True) is None


def test_a_key_that_a_producer_wrote_may_have_lost_its_copy_to_it() -> None:
    target = [at(10, COPIES[0]), record(12, "x", key="k", age=3), record(13, "y", age=2)]
    assert written(target, compacted=True) == Written(11, 13)
    assert written(target) == Written(11, 13, missing=1)


def test_copies_whose_originals_the_cleaner_has_removed_are_between_the_others() -> None:
    between = [
        at(10, COPIES[0]),
        record(11, "c", key="l", age=8.5),
        at(12, COPIES[1]),
        record(13, "x", age=1),
    ]
    assert written(between, compacted=True) == Written(13, 13)
    assert written(between) == Written(13, 13, between=1)
