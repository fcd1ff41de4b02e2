"""What a message repeats of a stack file contains no secret: messages reach logs and pull requests."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from settings.load import load_stack
from settings.problems import SettingsError
from settings.stack_file import parse_stack_file
from settings.yaml_errors import UNREADABLE, place_and_problem
from tests.unit.settings.sample import raw

SECRET = "hunter2"
JAAS = f'ScramLoginModule required username="a" password="{SECRET}";'


@pytest.mark.parametrize(
    ("section", "given", "path"),
    [
        ("mirror", {"overrides": {"source_client": {"sasl.jaas.config": JAAS}}}, "mirror.overrides"),
        ("mirror", {"config": {"sourceclient": {"ssl.key.password": SECRET}}}, "mirror.config.sourceclient"),
        ("mirror", {"config": {"source_client": [JAAS]}}, "mirror.config.source_client"),
        ("mirror", {"config": f"password={SECRET}"}, "mirror.config"),
        ("workers", {"env": [{"name": "A", "credentials": SECRET}]}, "workers.env"),
        ("workers", {"env": [{"name": "DB_PASSWORD", "value": SECRET}]}, "workers.env"),
        ("workers", {"replicas": f"-----BEGIN PRIVATE KEY-----{SECRET}"}, "workers.replicas"),
    ],
)
def test_a_value_that_may_be_secret_is_not_repeated(section: str, given: dict[str, Any], path: str) -> None:
    sections = raw()
    sections[section] = {**sections.get(section, {}), **given}
    with pytest.raises(SettingsError) as refused:
        load_stack(sections)
    assert SECRET not in str(refused.value)
    assert path in [problem.path for problem in refused.value.problems]


def test_a_harmless_value_is_repeated() -> None:
    with pytest.raises(SettingsError, match=r"mirror\.topic = \['orders'\]: is not a known setting"):
        load_stack(raw(mirror__topic=["orders"]))


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (f'"{SECRET}', "line 4, column 1: found unexpected end of stream"),
        (f"*{SECRET}", "line 3, column 17: found undefined alias; put a text that begins with"),
        (f"!{SECRET} x", "line 3, column 17: could not determine a constructor for the tag; put a text"),
        (f"a: {SECRET}", "line 3, column 18: mapping values are not allowed here"),
        (f"{SECRET}\n    password: {SECRET}", "line 4, column 5: the key 'password' is there twice"),
    ],
)
def test_an_error_of_yaml_names_the_place_and_quotes_nothing(value: str, place: str) -> None:
    text = f"config:\n  region-mirror:source:\n      password: {value}\n"
    if "\n" in value:
        text = text.replace("      password", "    password", 1)
    with pytest.raises(SettingsError) as refused:
        parse_stack_file(text)
    (problem,) = refused.value.problems
    assert SECRET not in str(problem)
    assert place in problem.rule


def test_a_number_that_is_none_is_one_message_without_the_value() -> None:
    """Python's error quotes what it could not read."""
    with pytest.raises(SettingsError, match="the tag of a number or a date is none") as refused:
        parse_stack_file(f"config:\n  region-mirror:source: {{password: !!int {SECRET}}}\n")
    assert SECRET not in str(refused.value)


def test_a_part_that_does_not_end_is_named_by_its_begin() -> None:
    with pytest.raises(yaml.YAMLError) as error:
        yaml.safe_load("a: [1\nb: 2")
    assert isinstance(error.value, UNREADABLE)
    assert place_and_problem(error.value).endswith("(while parsing a flow sequence that begins in line 1)")


@pytest.mark.parametrize(
    "content",
    [
        f"apiVersion: v1\nusers: [{{user: {{token: {SECRET}}}}}]\n",
        f'{{"users": [{{"user": {{"token": "{SECRET}"}}}}]}}',
    ],
)
@pytest.mark.parametrize("side", ["source", "target"])
def test_the_content_of_a_kubeconfig_is_refused_and_not_shown(side: str, content: str) -> None:
    """Pulumi's Kubernetes provider takes it. It was taken for a path: in the state, and in the message that
    there is no such file."""
    with pytest.raises(SettingsError, match="is the content of one") as refused:
        load_stack(raw(**{f"{side}__kubeconfig": content}))
    assert SECRET not in str(refused.value)
    with pytest.raises(SettingsError, match="to the path of a file"):
        load_stack(raw(**{f"{side}__kubeconfig": {"secure": "v1:x"}}))
