"""A screen has the height and width of the terminal, for three rows and for ten thousand."""

from __future__ import annotations

import io
from typing import TypedDict, Unpack

import pytest
from rich.cells import cell_len
from rich.console import Console

from mirror.status.picture import Picture, draw, failure
from mirror.status.rates import Rates
from mirror.status.screen import screen
from mirror.status.snapshot import Snapshot
from tests.unit.status.made_up import HOSTILE, NOW, group, many, moved, offset, partition, snapshot


def pictured(seen: Snapshot) -> Picture:
    rates = Rates()
    draw(seen, rates)
    return draw(moved(seen, 5, produced=1, mirrored=1), rates)


class Shown(TypedDict, total=False):
    """What `screen` takes by name."""

    since: float | None
    folded: bool
    last: Picture | None
    expand: bool


def lines(picture: Picture, width: int, height: int, **more: Unpack[Shown]) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, height=height, color_system=None, force_terminal=False)
    console.print(screen(picture, width, height, **more))
    return out.getvalue().splitlines()


LARGE = pictured(many(100, 5, 120))
SMALL = pictured(snapshot(partition(position=50, age=9), groups=[group("g", offset(60, None))]))
LONG = pictured(
    snapshot(
        *(partition(f"{'long-name-' * 20}{number}", position=50, age=900) for number in range(30)),
        groups=[group("g" * 300, offset(60, None, topic="t" * 200))],
        faults=[("connector " + "x" * 500, "remedy " * 90)],
        problems=["problem " * 90],
    )
)


def test_in_a_file_a_table_is_as_wide_as_its_content() -> None:
    drawn = lines(SMALL, 160, 40, expand=False)
    (rule, *_) = [line for line in drawn if "\u2500" in line]
    assert len(rule.rstrip()) < 120
    (wide, *_) = [line for line in lines(SMALL, 160, 40) if "\u2500" in line]
    assert len(wide.rstrip()) == 160


@pytest.mark.parametrize("picture", [LARGE, SMALL, LONG], ids=["large", "small", "long names"])
@pytest.mark.parametrize("width", [40, 80, 100, 140, 300])
@pytest.mark.parametrize("height", [24, 60])
@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize("expand", [True, False])
def test_it_fits(picture: Picture, width: int, height: int, folded: bool, expand: bool) -> None:
    drawn = lines(picture, width, height, folded=folded, since=NOW - 100, expand=expand)
    assert len(drawn) <= height
    assert max(map(cell_len, drawn)) <= width


def test_the_worst_is_seen_and_the_rest_is_summed() -> None:
    drawn = "\n".join(lines(LARGE, 140, 40))
    assert "STUCK" in drawn or "BEHIND" in drawn or "FALLING" in drawn
    assert LARGE.topics[0].topic in drawn
    assert "more topics" in drawn
    assert "more groups" in drawn
    assert LARGE.groups[0].group in drawn
    assert "500 partitions of 100 topics" in drawn


def test_everything_is_shown_where_it_fits() -> None:
    drawn = "\n".join(lines(SMALL, 140, 40))
    assert "more topics" not in drawn
    assert "no translation of source offset 60" in drawn


def test_partitions_of_a_topic() -> None:
    drawn = "\n".join(lines(SMALL, 140, 40, folded=False))
    assert "orders-0" in drawn
    assert "source end" in drawn


def test_an_upper_bound_is_named_as_such() -> None:
    drawn = "\n".join(lines(pictured(snapshot(partition(position=50, age=9))), 140, 40))
    assert "<=" not in drawn
    bound = draw(snapshot(partition(position=50, age=9, exact=False)), Rates())
    assert "<= 49" in "\n".join(lines(bound, 140, 40))


def test_names_are_no_commands_to_the_terminal() -> None:
    seen = snapshot(partition(HOSTILE, position=50, age=900), groups=[group(HOSTILE, offset(60, None))])
    drawn = "\n".join(lines(pictured(seen), 200, 40))
    assert "\x1b" not in drawn
    assert "\u202e" not in drawn
    assert "</script>" in drawn


def test_a_look_that_failed_keeps_what_was_seen_last() -> None:
    failed = failure("east-to-west", "east", "west", NOW + 60, "not reachable: no answer in time")
    drawn = "\n".join(lines(failed, 140, 40, last=SMALL))
    assert "UNKNOWN" in drawn
    assert "no answer in time" in drawn
    assert "below: the last successful look, at" in drawn
    assert "orders" in drawn
    assert len(lines(failed, 80, 24)) < 24


def test_markup_in_names_is_text() -> None:
    seen = snapshot(partition("[bold]x[/bold]", position=50, age=900))
    assert "[bold]x[/bold]" in "\n".join(lines(pictured(seen), 140, 40))


def test_the_sum_of_what_groups_read_again_is_as_sure_as_the_least_sure_of_them() -> None:
    groups = [group(f"g{number}", offset(50, 40)) for number in range(30)]
    [rest] = [
        line
        for line in lines(pictured(snapshot(partition(), groups=groups)), 100, 20)
        if "more groups" in line
    ]
    assert "~ " in rest
    exact = [group(f"g{number}", offset(100, 100)) for number in range(30)]
    [rest] = [
        line
        for line in lines(pictured(snapshot(partition(), groups=exact)), 100, 20)
        if "more groups" in line
    ]
    assert "~" not in rest
    assert "<= 0 " not in rest
