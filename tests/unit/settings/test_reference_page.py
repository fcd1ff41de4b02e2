"""docs/settings.md is what the code says."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import no_loss
from settings.kinds import without_none
from settings.load import load_stack
from settings.model import Settings
from settings.model.secret import SecretText
from settings.reference import reference
from settings.stack_file import parse_stack_file

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text() == reference(), "run: python -m settings.reference > docs/settings.md"


def sections() -> Iterator[tuple[str, type]]:
    """Every section and those nested in it, with their paths."""
    waiting = [(path, kind) for path, kind in typing.get_type_hints(Settings).items()]
    while waiting:
        path, kind = waiting.pop()
        yield path, kind
        for key, hint in typing.get_type_hints(kind).items():
            inner = without_none(hint)
            if dataclasses.is_dataclass(inner) and inner is not SecretText:
                waiting.append((f"{path}.{key}", inner))


@pytest.mark.parametrize(("path", "kind"), list(sections()), ids=lambda value: str(value))
def test_every_setting_is_on_it(path: str, kind: type) -> None:
    body = f"\n{reference()}".split(f"# {path}\n")[1].split("\n#")[0]
    for field in dataclasses.fields(kind):
        assert f"\n| `{field.name}` |" in body
        assert field.metadata["doc"].endswith(".")


def test_nested_sections_are_linked_from_where_they_stand() -> None:
    page = reference()
    assert "| `credentials` | [section](#sourcecredentials) | absent |" in page
    assert "\n### source.credentials\n" in page


@pytest.mark.parametrize("rule", no_loss.RULES, ids=lambda rule: rule.name)
def test_every_no_loss_rule_is_on_it(rule: no_loss.NoLossRule) -> None:
    (row,) = [line for line in reference().splitlines() if line.startswith(f"| `{rule.name}` |")]
    assert rule.lost in row
    assert row.count(" | ") == 3
    assert row.endswith("| no |") is not rule.permissible


@pytest.mark.parametrize(
    "row",
    [
        "| `password` | secret | absent |",
        "| `kafka_users` | list of secrets | `[]` |",
        "| `worker` | mapping of texts | `{}` |",
        "| `resources` | mapping | `{}` |",
        "| `tolerations` | list of mappings | `[]` |",
        '| `groups` | list of texts | `[".*"]` |',
        "| `enabled` | true or false | `true` |",
        "| `tasks_max` | 1 to 10000 | absent |",
    ],
)
def test_each_kind_of_value_is_told(row: str) -> None:
    assert f"\n{row}" in reference()


def test_the_example_with_several_mirrors_loads() -> None:
    (text,) = [block for block in reference().split("```") if block.startswith("yaml\n")]
    stack = load_stack(parse_stack_file(text.removeprefix("yaml\n")))
    assert stack.names == ("east-to-hub", "west-to-hub")
    assert stack.mirrors[0].mirror.topics == (r"orders\..*",)
