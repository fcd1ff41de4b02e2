"""The stack file gets one line, and every other line remains as it is."""

from __future__ import annotations

import pytest

from mirror.cutover.part.stack_file import lines, with_moved
from settings.load import load_stack
from settings.model import MovedSettings
from settings.stack_file import parse_stack_file

MOVED = MovedSettings(("orders", "payments.eu"), ("a, b", "readers"))
SIDES = """\
  region-mirror:source: {alias: east, cluster: east, namespace: kafka, listener: scram, user: reader}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls}
"""
ONE = f"""\
config:
{SIDES}
  region-mirror:mirror:
    name: east-to-west   # the mirror
    topics: [.*]
  region-mirror:workers:
    replicas: 2
"""
SEVERAL = f"""\
config:
  region-mirror:mirrors:
    east-to-west:
      mirror:
        topics: [orders, payments.*]
    other:
      source: {{alias: north}}
      mirror:
        topics: [bills]
{SIDES}"""


def read(text: str, mirror: str = "east-to-west") -> MovedSettings:
    return next(one.mirror.moved for one in load_stack(parse_stack_file(text)) if one.mirror.name == mirror)


@pytest.mark.parametrize("text", [ONE, SEVERAL])
def test_the_line_is_added_and_the_others_remain(text: str) -> None:
    changed = with_moved(text, "region-mirror", "east-to-west", MOVED)
    assert changed is not None
    assert read(changed) == MOVED
    added = [row for row in changed.splitlines() if row not in text.splitlines()]
    assert [row.strip() for row in added] == [lines(MOVED)]
    assert [row for row in changed.splitlines() if row not in added] == text.splitlines()


@pytest.mark.parametrize(
    "there",
    [
        "    moved: {topics: [orders], groups: []}\n",
        "    moved:\n      topics:\n        - orders\n      groups: []\n",
        "    moved:\n      topics: [orders,\n        bills]\n",
        "    moved: {topics: [orders],\n      groups: []}  # the first\n",
    ],
)
def test_an_earlier_part_is_replaced(there: str) -> None:
    for text in (
        ONE.replace("    topics: [.*]\n", f"{there}    topics: [.*]\n"),
        ONE.replace("    topics: [.*]\n", f"    topics: [.*]\n{there}"),
    ):
        changed = with_moved(text, "region-mirror", "east-to-west", MOVED)
        assert changed is not None
        assert read(changed) == MOVED
        assert changed.replace(f"    {lines(MOVED)}\n", "") == ONE


def test_a_file_that_cannot_be_written_line_by_line_is_left_to_a_person() -> None:
    flow = ONE.replace(
        "\n    name: east-to-west   # the mirror\n    topics: [.*]\n", " {name: east-to-west, topics: [.*]}\n"
    )
    assert load_stack(parse_stack_file(flow))
    assert with_moved(flow, "region-mirror", "east-to-west", MOVED) is None
    assert with_moved(ONE, "another-project", "east-to-west", MOVED) is None
    assert with_moved(ONE, "region-mirror", "another-mirror", MOVED) is None


def test_sections_of_the_project_file_count() -> None:
    """The file alone has no target: it was left to a person."""
    source, target = SIDES.splitlines(keepends=True)
    sections = parse_stack_file(f"config:\n{target}")
    changed = with_moved(ONE.replace(target, ""), "region-mirror", "east-to-west", MOVED, sections)
    assert changed is not None
    assert source in changed
    assert target not in changed
