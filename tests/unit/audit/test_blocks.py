"""A block of records: columns of equal length and of the promised kinds, cut without copying."""

import numpy as np
import pytest

from mirror.audit.blocks import RecordBlock


def block(**changed: object) -> RecordBlock:
    columns = {
        "offsets": np.array([5, 7, 8], np.int64),
        "timestamps": np.array([10, 10, 11], np.int64),
        "keys": np.array([1, 2, 3], np.uint64),
        "values": np.array([4, 5, 6], np.uint64),
        "headers": np.zeros(3, np.uint64),
        "flags": np.zeros(3, np.uint8),
    }
    return RecordBlock(**{**columns, "next_offset": 10, "at_end": True, **changed})  # type: ignore[arg-type]


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="keys"):
        block(keys=np.zeros(2, np.uint64))


def test_a_column_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="flags are int64"):
        block(flags=np.zeros(3, np.int64))


def test_a_cut_shares_its_columns() -> None:
    whole = block()
    cut = whole[1:]
    assert len(cut) == 2
    assert cut.offsets.tolist() == [7, 8]
    assert np.shares_memory(cut.values, whole.values)
    assert (cut.next_offset, cut.at_end) == (10, True)


def test_a_stretch_without_records_is_a_block_too() -> None:
    nothing = RecordBlock.empty(42, at_end=True)
    assert len(nothing) == 0
    assert (nothing.next_offset, nothing.at_end) == (42, True)
