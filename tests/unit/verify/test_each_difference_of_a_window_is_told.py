"""records-match: which record of a window is missing, altered, alien, out of order or doubled, and where."""

from __future__ import annotations

import pytest

from mirror.clients.records import Record
from mirror.verify.comparison import Copy, RecordDifference, compare
from tests.unit.support.made_up import record


def log(text: str, start: int = 0, *, stamped: bool = False) -> list[Record]:
    """A record a letter, each with its own key and time. A capital is the same record with another value,
    and `'` behind a record gives it another time."""
    found: list[Record] = []
    for letter in text:
        if letter == "'":
            found[-1] = found[-1]._replace(timestamp=found[-1].timestamp + 1)
        else:
            key = letter.lower()
            one = record(start + len(found), letter, key=key, age=1_000 - ord(key))
            found.append(
                one._replace(timestamp=9_000 - len(found), no_producer_time=True) if stamped else one
            )
    return found


def told(source: str, target: str, *, first: bool = False, stamped: bool = False, **copy: bool) -> list[str]:
    """What is found where the target's log begins at offset 100: the kinds with their offsets."""
    given = {"from_start": True, "at_end": True, **copy}
    seen = compare(log(source), Copy(log(target, 100, stamped=stamped), **given), first=first)
    found = [_named(one) for one in seen.differences]
    found += [f"short {_named(one)}" for one in seen.short]
    found += [f"{seen.removed} removed"] * bool(seen.removed)
    return [f"{seen.same} same", *found, *(["unclear"] * seen.unclear)]


def _named(one: RecordDifference) -> str:
    places = [str(each.offset) for each in (one.source, one.target) if each is not None]
    return f"{one.kind} {'/'.join(places)}"


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("abcd", "aXYd", ["2 same", "altered 1/101", "altered 2/102"]),
        ("abcde", "aBde", ["3 same", "altered 1/101", "missing 2"]),
        ("abcde", "aDBe", ["2 same", "altered 1/102", "missing 2", "missing 3", "alien 101"]),
        ("abcde", "aBCe", ["2 same", "altered 1/101", "altered 2/102", "missing 3"]),
        ("abcde", "aC'e", ["2 same", "missing 1", "missing 2", "missing 3", "alien 101"]),
        ("abce", "ac'e", ["2 same", "missing 1", "altered 2/101"]),
        ("abce", "azye", ["2 same", "altered 1/101", "altered 2/102"]),
        ("abcde", "azyde", ["3 same", "altered 1/101", "altered 2/102"]),
        ("abcde", "aze", ["2 same", "missing 1", "missing 2", "missing 3", "alien 101"]),
        ("acdbe", "abcde", ["4 same", "out of order 3/101"]),
        ("acdXe", "aXcdYe", ["4 same", "out of order 3/101", "alien 104"]),
        ("aXcdbe", "abcdYe", ["4 same", "missing 1", "out of order 4/101", "alien 104"]),
        ("abcdz", "abbcdz", ["5 same", "doubled 101"]),
    ],
)
def test_within_a_window_the_neighbours_tell_what_happened(
    source: str, target: str, found: list[str]
) -> None:
    assert told(source, target) == found


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("ab", "abab", ["2 same"]),
        ("abc", "a'bc", ["2 same", "altered 0/100"]),
        ("abc", "za'bc", ["2 same", "altered 0/101"]),
        ("abc", "zbc", ["2 same", "missing 0"]),
        ("abc", "abzy", ["2 same", "missing 2"]),
        ("abc", "abzc'", ["2 same", "missing 2"]),
        ("abc", "abc'z", ["2 same", "altered 2/102"]),
        ("abcd", "abd'zzz", ["2 same", "missing 2", "altered 3/102"]),
        ("abb'", "abz", ["2 same", "missing 2"]),
        ("abcdef", "aXcdzz", ["3 same", "altered 1/101", "missing 4", "missing 5"]),
        ("abcd", "abXcdabcd", ["4 same"]),
    ],
)
def test_what_stands_around_a_window_is_the_copy_of_its_surroundings(
    source: str, target: str, found: list[str]
) -> None:
    """Right beside it only a record with the same content is an altered one."""
    assert told(source, target) == found


def test_nothing_comes_before_the_first_record_of_the_source() -> None:
    assert told("cd", "abcd", first=True) == ["2 same", "alien 100", "alien 101"]
    assert told("ab", "abab", first=True) == ["2 same"]
    assert told("cd", "abcd") == ["2 same"]
    assert told("cd", "abcd", first=True, cut=True) == ["2 same"]
    assert told("cd", "abcd", first=True, from_start=False) == ["2 same"]
    assert told("", "abc") == ["0 same"]
    assert compare(log("cd"), Copy(log("abcd", 100), True, True)).differences == (), "unless it is said"


def test_a_stretch_that_does_not_reach_far_enough_is_unclear() -> None:
    assert told("abcd", "cd", from_start=False) == ["2 same", "unclear"]
    assert told("abcd", "zcd", from_start=False) == ["2 same", "missing 0", "missing 1", "unclear"]
    assert told("abcd", "ab", at_end=False) == ["2 same", "unclear"]
    assert told("abcd", "abz", at_end=False) == ["2 same", "missing 2", "missing 3", "unclear"]
    for end in ("from_start", "at_end"):
        assert told("abcd", "xyz", **{end: False}) == ["0 same", "unclear"]


def test_a_log_that_ends_before_the_window_does_is_short() -> None:
    assert told("abcd", "ab") == ["2 same", "short missing 2", "short missing 3"]


def test_a_cut_log_may_have_lost_its_head() -> None:
    assert told("abcd", "cd", cut=True) == ["2 same", "2 removed"]
    assert told("abcd", "cd") == ["2 same", "missing 0", "missing 1"]
    assert told("abc", "", cut=True) == ["0 same", "3 removed"]
    assert told("abc", "") == ["0 same", "short missing 0", "short missing 1", "short missing 2"]
    assert told("abc", "xyz", cut=True) == ["0 same", "unclear"]


def test_a_log_without_any_record_of_the_window_has_lost_or_altered_all() -> None:
    assert told("abc", "xyz") == ["0 same", "altered 0/100", "altered 1/101", "altered 2/102"]
    assert told("abc", "xB") == ["0 same", "missing 0", "altered 1/101", "missing 2", "alien 100"]
    assert told("ab", "xyz") == ["0 same", "missing 0", "missing 1"]


def test_times_of_arrival_are_not_compared() -> None:
    assert told("abcd", "abcd", stamped=True) == ["4 same"]
    assert told("acdbe", "abcde", stamped=True) == ["4 same", "out of order 3/101"]
    assert told("abcd", "abbcd", stamped=True) == ["4 same", "doubled 101"]


def test_many_equal_records_are_aligned_as_few_are() -> None:
    """difflib takes what is frequent in a long sequence for noise, unless it is told not to."""
    equal = [record(offset, "heartbeat") for offset in range(1, 251)]
    lost = [one._replace(offset=500 + one.offset) for one in equal[1:]]
    seen = compare([record(0, "a"), *equal], Copy([record(500, "z"), *lost], from_start=True, at_end=True))
    assert seen.same == 249
    assert len(seen.differences) + len(seen.short) == 2
