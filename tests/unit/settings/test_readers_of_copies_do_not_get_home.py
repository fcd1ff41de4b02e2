"""Two ways with prefixes: MM2 does not translate the offsets of a group that reads copies (strimzi #6273)."""

from __future__ import annotations

from pathlib import Path

from settings.filters import mirrored
from settings.load import load_stack
from settings.stack_file import parse_stack_file

CHECKOUT = Path(__file__).parents[3]


def test_the_way_back_copies_what_was_written_there_alone() -> None:
    stack = load_stack(parse_stack_file((CHECKOUT / "stacks" / "Pulumi.two-way.yaml").read_text()))
    back = next(one for one in stack if one.source.alias == "west")
    assert back.mirror.replication_policy == "default"
    assert mirrored(back, "orders")
    assert not mirrored(back, "east.orders"), "one pattern serves the source and the checkpoint connector"


def test_the_page_says_so() -> None:
    text = (CHECKOUT / "docs" / "estates.md").read_text()
    assert "## Groups that read copies are not translated home" in text
