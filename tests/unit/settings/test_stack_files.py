"""Reading stack files as they lie on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings.load import load
from settings.problems import SettingsError
from settings.stack_file import parse_stack_file

STACKS = Path(__file__).parents[3] / "stacks"


@pytest.mark.parametrize("path", sorted(STACKS.glob("Pulumi.*.yaml")), ids=lambda path: path.name)
def test_every_committed_stack_file_is_sound(path: Path) -> None:
    load(parse_stack_file(path.read_text()))


def test_only_the_projects_own_keys_are_taken() -> None:
    text = "encryptionsalt: x\nconfig:\n  kubernetes:namespace: a\n  region-mirror:mirror: {name: b}\n"
    assert parse_stack_file(text) == {"mirror": {"name": "b"}}


@pytest.mark.parametrize("text", ["", "encryptionsalt: x\n", "config:\n", "config: {}\n"])
def test_a_file_without_configuration_has_none(text: str) -> None:
    assert parse_stack_file(text) == {}


def test_encrypted_values_are_left_alone() -> None:
    assert parse_stack_file("config:\n  region-mirror:x:\n    secure: v1:a\n") == {"x": {"secure": "v1:a"}}


@pytest.mark.parametrize("text", ["- a\n", "text", "config: [1]\n", "config: {a: b\n", "a: b: c\n"])
def test_what_is_no_stack_file_is_one_clear_problem(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_stack_file(text)
    (problem,) = refused.value.problems
    assert problem.path == "the stack file"
    assert "Pulumi.lab.yaml" in problem.remedy
