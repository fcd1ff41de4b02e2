"""The CSV of `offsets export`: written, read back, and every problem of it said at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mirror.clients.records import TopicPartition
from mirror.offsets.proposal import Proposal
from mirror.offsets.table import COLUMNS, OffsetFile, OffsetRow, read, write
from mirror.problems import Finding

HEAD = ",".join(COLUMNS)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: text.strip())


def row(
    group: str = "billing", offset: int | None = 7, partition: int = 0, topic: str = "orders"
) -> Proposal:
    one = TopicPartition(topic, partition)
    copy = TopicPartition(f"east.{topic}", partition)
    return Proposal(
        group, one, 5, copy, offset, "exact" if offset is not None else "none", 0, True, 6, "a, b"
    )


def problems(*lines: str) -> dict[str, str]:
    return {one.subject: one.message for one in read("\n".join((HEAD, *lines))).problems}


def test_what_is_written_is_read_back_in_order() -> None:
    text = write([row("b"), row("a", partition=1), row("a", offset=None)])
    assert text.splitlines()[:2] == [HEAD, 'a,orders,0,5,east.orders,,none,0,6,"a, b"']
    found = read(text)
    assert not found.problems
    assert found.without == 1
    copy = TopicPartition("east.orders", 1)
    assert found.rows[0] == OffsetRow(3, "a", TopicPartition("orders", 1), copy, 7)


def test_what_is_not_known_is_an_empty_cell() -> None:
    """`None` in a cell would be read as an offset that is none."""
    one = Proposal("g", TopicPartition("t", 0), 5, TopicPartition("t", 0), None, "none", None, True, None)
    text = write([one, row()])
    assert text == HEAD + '\nbilling,orders,0,5,east.orders,7,exact,0,6,"a, b"\ng,t,0,5,t,,none,,,\n'
    assert read(write([one, one, row()])).without == 2


def test_counts_that_are_lower_bounds_say_so() -> None:
    one = Proposal("g", TopicPartition("t", 0), 5, TopicPartition("t", 0), 1, "behind", 9, False, None)
    assert write([one]).splitlines()[1] == "g,t,0,5,t,1,behind,>9,,"


@given(TEXT, TEXT)
def test_any_name_survives_the_file(group: str, topic: str) -> None:
    [one] = read(write([row(group, topic=topic)])).rows
    assert (one.group, one.source.topic) == (group, topic)


def test_a_spreadsheets_mark_and_more_columns_do_not_matter() -> None:
    text = "\ufeff" + HEAD + ",mine\nbilling,orders,0,5,orders,7,exact,0,6,,x\n"
    assert len(read(text).rows) == 1


def test_missing_columns_are_named() -> None:
    found = read("group,partition\na,0\n")
    message = "columns are missing: source_topic, target_topic, target_offset"
    problem = Finding("the first line", message, "restore the first line of `offsets export`")
    assert found == OffsetFile((), 0, (problem,))
    assert "columns are missing" in read("").problems[0].message


def test_every_wrong_line_is_said_at_once() -> None:
    found = problems(
        "billing,orders,x,5,orders,-7,exact,0,6,",
        "billing,,0,5,orders,7,exact,0,6,",
        "billing,orders,0,5,orders,7,exact,0,6,",
        "billing,orders,0,5,orders,8,exact,0,6,",
        "short",
        "billing,orders,0,5,orders,1٢,exact,0,6,",
    )
    assert found == {
        "line 2": "partition is 'x', but must be an integer of 0 or more; "
        "target_offset is '-7', but must be an integer of 0 or more",
        "line 3": "source_topic is empty",
        "line 5, group billing, orders-0": "line 4 has the same group and partition",
        "line 7": "target_offset is '1٢', but must be an integer of 0 or more",
    }


def test_a_line_break_within_a_cell_is_kept() -> None:
    """A spreadsheet may write one, and each line's number is that of the file."""
    text = (
        HEAD + '\nbilling,orders,0,5,orders,7,exact,0,6,"a\r\nb"\nbilling,orders,1,5,orders,-1,exact,0,6,\n'
    )
    found = read(text)
    assert [one.line for one in found.rows] == [3]
    assert found.problems == (
        Finding(
            "line 4",
            "target_offset is '-1', but must be an integer of 0 or more",
            "correct the line, or remove it",
        ),
    )


def test_what_is_no_csv_is_said_with_its_line() -> None:
    good = "billing,orders,0,5,orders,7,exact,0,6,"
    found = read("\n".join((HEAD, good, 'billing,"ord"ers,1,5,orders,7,exact,0,6,', "")))
    assert [one.line for one in found.rows] == [2]
    [problem] = found.problems
    assert problem.subject == "line 3"
    assert problem.message.startswith("it is not CSV: ")
    assert problem.remedy == "save the file as CSV"


def test_an_offset_that_is_there_twice_says_which_line_to_keep() -> None:
    good = "billing,orders,0,5,orders,7,exact,0,6,"
    [problem] = read("\n".join((HEAD, good, good))).problems
    assert problem.remedy == "keep one of them"


def test_every_spreadsheets_line_ends_are_read() -> None:
    lines = (HEAD, "billing,orders,0,5,orders,7,exact,0,6,", "billing,orders,,5,orders,7,exact,0,6,")
    for end in ("\n", "\r\n", "\r"):
        found = read(end.join(lines))
        assert [one.line for one in found.rows] == [2]
        assert [(one.subject, one.message) for one in found.problems] == [("line 3", "partition is empty")]
