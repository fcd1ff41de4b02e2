"""Reading stack files as they lie on disk."""

from __future__ import annotations

import pytest

from settings.problems import SettingsError
from settings.stack_file import parse_stack_file
from tests import examples


@pytest.mark.parametrize("name", examples.NAMES)
def test_every_committed_stack_file_is_sound(name: str) -> None:
    assert examples.example(name).mirrors


def test_the_examples_are_the_ones_that_the_documentation_names() -> None:
    assert set(examples.examples()) == {
        "lab",
        "prod-west",
        "two-way/east-to-west",
        "two-way/west-to-east",
        "msk-to-strimzi",
        "openshift-exported-files",
        "three-sources-one-target/east-to-hub",
        "three-sources-one-target/north-to-hub",
        "three-sources-one-target/south-to-hub",
    }


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
