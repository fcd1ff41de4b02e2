"""The prediction of a dry run: its parts say what they were computed from."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.cutover.prediction import GroupPart, predict, rate_between
from mirror.cutover.step import Verdict

LOOKS = {"preflight": 4.0, "fence": 0.1, "prove-fence": 0.2, "drain": 1.0, "move-groups": 2.0}


def group(state: str = "to-set", rereads: int = 0, *, exact: bool = True, **more: Any) -> dict[str, Any]:
    return {"state": state, "rereads": rereads, "rereads_exact": exact, **more}


def watching(seconds: float, **more: Any) -> Verdict:
    return Verdict("waiting", "", evidence={"watch-seconds": seconds, **more})


def verdicts(remaining: int = 0, **groups: dict[str, Any]) -> dict[str, Verdict]:
    return {
        "prove-fence": watching(2.0),
        "drain": Verdict("waiting", "", remaining=remaining),
        "move-groups": Verdict("todo", "", evidence={"groups": groups}),
    }


def test_the_window_is_the_sum_of_its_parts() -> None:
    found = predict(verdicts(300, a=group(), b=group()), LOOKS, rate=100.0)
    seconds = {one.step: one.seconds for one in found.parts}
    assert seconds == {
        "fence": pytest.approx(1.6),
        "prove-fence": pytest.approx(2.2),
        "drain": pytest.approx(4.0),
        "stop-sync": 5.0,
        "move-groups": 4.0,
        "prove": 6.0,
        "promote": 5.0,
    }
    assert found.seconds == pytest.approx(27.8)
    assert found.told == "about 28 s from the fence to the promotion; 2 groups would read nothing again"
    assert all(one.why for one in found.parts)


def test_without_acls_only_silence_is_watched_for_longer() -> None:
    found = predict({**verdicts(), "prove-fence": watching(60.0)}, LOOKS, rate=None)
    assert next(one.seconds for one in found.parts if one.step == "prove-fence") == pytest.approx(60.2)


def test_an_unknown_rate_is_said() -> None:
    found = predict(verdicts(300), LOOKS, rate=None)
    assert "at an unknown rate" in next(one.why for one in found.parts if one.step == "drain")


def test_a_group_says_how_many_records_it_would_read_again() -> None:
    found = predict(
        verdicts(
            exact=group(),
            some=group(rereads=7),
            more=group(rereads=9, exact=False),
            lost=group("unprovable", reason="orders-0: not found"),
        ),
        LOOKS,
        rate=None,
    )
    assert found.groups == [
        GroupPart("exact", 0, exact=True),
        GroupPart("lost", None, exact=False, why="orders-0: not found"),
        GroupPart("more", 9, exact=False),
        GroupPart("some", 7, exact=True),
    ]
    assert found.told.endswith(
        "1 group would read nothing again; lost: not known (orders-0: not found); more: more than 9 records; "
        "some: 7 records"
    )


def test_consumers_at_the_source_and_open_transactions_are_not_counted() -> None:
    found = predict(
        {
            **verdicts(a=group("active")),
            "prove-fence": watching(2.0, **{"open-transactions": {"payments-0": 4}}),
        },
        LOOKS,
        rate=None,
    )
    assert found.to_json()["not_counted"] == [
        "clients that start on the target",
        "consumers that have to leave the source first: a",
        "transactions that are open now: payments-0",
    ]


def test_the_rate_is_that_of_the_positions() -> None:
    before = Verdict("waiting", "", evidence={"positions": {"a-0": 10, "a-1": None, "a-2": 5}})
    after = Verdict("waiting", "", evidence={"positions": {"a-0": 30, "a-1": 7, "a-2": 5}})
    assert rate_between(before, after, 4.0) == 5.0
    assert rate_between(before, before, 4.0) is None
