"""`--json` is a line a look, as docs/status.schema.json has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from mirror.clients.records import Bounds
from mirror.status.picture import draw, failure, to_json
from mirror.status.rates import Rates
from mirror.status.snapshot import Snapshot
from mirror.status.trouble import GroupTrouble, Trouble
from tests.unit.status.made_up import DAY, HOSTILE, NOW, group, many, moved, offset, partition, snapshot

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "status.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)

EVERYTHING = snapshot(
    partition("idle"),
    partition("flowing", position=90, age=2),
    partition("late", position=50, age=300, exact=False),
    partition("absent", position=None, age=5, copied=False),
    partition("hidden", unread="not authorized"),
    partition("lost", position=10, start=40, age=DAY),
    partition("recreated", position=500),
    partition("kept", 0, position=50, age=4),
    groups=[
        group("exact", offset(100, 100)),
        group("behind", offset(100, 10)),
        group("missing", offset(60, None)),
        group("blocked", offset(60, 60), active_on_target=True),
        group("ahead", offset(20, 100, target_end=100)._replace(passes_by=80)),
        group("unread", unread="refused"),
        group("past", offset(60, 101)),
        group("below", offset(60, 5)._replace(target=Bounds(10, 100))),
    ],
    retention={"kept": None},
    faults=[("it is FAILED", "restart it")],
    problems=["x: refused"],
)


def line(seen: Snapshot) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(to_json(draw(seen, Rates()))))
    return found


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "seen",
    [EVERYTHING, snapshot(), many(10, 3, 20), snapshot(partition(HOSTILE, position=5, age=9))],
    ids=["everything", "nothing", "many", "hostile"],
)
def test_every_look_is_as_the_schema_says(seen: Snapshot) -> None:
    VALIDATOR.validate(line(seen))


def test_with_rates_too() -> None:
    rates, seen = Rates(), many(10, 3, 5)
    draw(seen, rates)
    found = to_json(draw(moved(seen, 5, produced=10, mirrored=5), rates))
    VALIDATOR.validate(found)
    assert found["rates_over_seconds"] == 5
    assert found["total"]["produced_per_second"] == 60


def test_a_look_that_failed_too() -> None:
    found = to_json(failure("m", "east", "west", NOW, "not reachable"))
    VALIDATOR.validate(found)
    assert (found["verdict"], found["total"], found["problems"]) == ("unknown", None, ["not reachable"])


def test_what_it_says_of_everything() -> None:
    found = line(EVERYTHING)
    assert [one["topic"] for one in found["partitions"]][:2] == ["lost", "recreated"]
    assert found["partition_troubles"]["possibly-lost"] == 1
    assert found["group_troubles"] == {one.word: 1 for one in GroupTrouble}
    lost = found["partitions"][0]
    assert (lost["position"], lost["source_start"], lost["source_end"]) == (10, 40, 100)


@pytest.mark.parametrize("wrong", [{"version": 2}, {"more": 1}, {"verdict": "fine"}])
def test_the_schema_refuses_what_is_not_so(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        VALIDATOR.validate({**line(EVERYTHING), **wrong})


def test_the_schema_knows_every_trouble() -> None:
    assert {one.word for one in Trouble} == set(SCHEMA["$defs"]["trouble"]["enum"])
    assert {one.word for one in GroupTrouble} == set(SCHEMA["$defs"]["group_trouble"]["enum"])
