"""The schema for editors: it accepts what `load` accepts, and refuses what a schema can see."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from settings.kinds import section_in, settings_of
from settings.model import Settings
from settings.rules import JSON_SCHEMA
from settings.schema import schema
from tests import examples
from tests.unit.settings.sample import raw
from tests.unit.settings.test_wrong_values_are_refused import WRONG

FILE = Path(__file__).parents[3] / "docs" / "stack.schema.json"
LINE = "# yaml-language-server: $schema=../docs/stack.schema.json"
VALIDATOR = Draft7Validator(schema())


def stack(sections: dict[str, Any]) -> dict[str, Any]:
    return {"config": {f"region-mirror:{key}": value for key, value in sections.items()}}


def accepted(content: object) -> bool:
    return bool(VALIDATOR.is_valid(content))


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(schema())


def test_the_committed_file_is_up_to_date() -> None:
    assert json.loads(FILE.read_text()) == schema(), "run: make docs"


@pytest.mark.parametrize("name", examples.NAMES)
def test_every_example_is_accepted(name: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(examples.text(name)))] == []


@pytest.mark.parametrize("name", examples.NAMES)
def test_every_example_names_it(name: str) -> None:
    assert examples.text(name).startswith(f"{LINE}\n")
    assert (examples.STACKS / "../docs/stack.schema.json").resolve() == FILE


# What only `load` judges: the schema does not count what a port or a user may be.
_BEYOND = ("kafka:0", "kafka:70000", "mirror_source")


@pytest.mark.parametrize(("setting", "value", "rule"), [one for one in WRONG if one[1] not in _BEYOND])
def test_a_wrong_value_is_refused(setting: str, value: object, rule: str) -> None:
    assert accepted(stack(raw()))
    assert not accepted(stack(raw(**{setting: value})))


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"source": raw()["source"]},
        {**raw(), "source": None},
        {**raw(), "sources": {}},
        {**raw(), "mirror": "text"},
        {**raw(), "mirrors": ["one"]},
        {**raw(), "mirrors": {"one": {"zzz": {}}}},
        {**raw(), "mirrors": {"one": {"workers": {"replicas": 0}}}},
        raw(source__alias=None),
        raw(mirror__replicas=3),
        raw(source__credentials={"password": ""}),
        raw(source__credentials={"password": {"secret": "x"}}),
        raw(source__credentials={"pass": "x"}),
        raw(source__credentials={"password": "hunter2"}),
        raw(source__credentials={"key": "-----BEGIN PRIVATE KEY-----"}),
        raw(source__exported={"cluster_ca": "x"}),
        raw(source__exported={"cluster_ca": "x", "user": "y", "kafka_users": "z"}),
        raw(mirror__topics=["orders", "orders"]),
        raw(mirror__topics=["orders,payments"]),
        raw(mirror__start_from="yesterday"),
        raw(mirror__start_from_by_topic={"a,b": "latest"}),
        raw(mirror__start_from_by_topic={"a": "soon"}),
        raw(mirror__config={"source": {}}),
        raw(mirror__config={"worker": {"a": ["b"]}}),
        raw(workers__resources={"limit": {}}),
        raw(workers__tolerations={"key": "x"}),
        raw(workers__metrics="prometheus"),
        raw(users__selector={"a b": "c"}),
        raw(mirror__allow_data_loss=["acks"]),
        raw(mirror__allow_data_loss=["exactly-once"]),
        raw(users__selector={"a": "-"}),
        raw(verification__enabled="yes"),
    ],
)
def test_a_wrong_file_is_refused(sections: dict[str, Any]) -> None:
    assert not accepted(stack(sections))


@pytest.mark.parametrize("content", [None, [], {}, {"config": None}, {"config": []}])
def test_what_is_no_stack_file_is_refused(content: object) -> None:
    assert not accepted(content)


def test_keys_of_others_are_left_alone() -> None:
    content = stack(raw())
    content["config"]["kubernetes:namespace"] = "x"
    assert accepted({**content, "encryptionsalt": "v1:x", "environment": ["prod"]})


def test_several_mirrors_share_sections_that_are_not_whole() -> None:
    sections = copy.deepcopy(raw())
    sections["mirror"] = {"topics": ["orders"]}
    del sections["source"]["alias"]
    assert accepted(stack({**sections, "mirrors": {"one": {"source": {"alias": "east"}}}}))
    assert not accepted(stack({**sections, "mirrors": {}}))


def settings_and_schemas() -> Iterator[tuple[str, dataclasses.Field[Any], dict[str, Any]]]:
    waiting = [(kind, schema()["definitions"][field.name]) for field, kind in settings_of(Settings)]
    while waiting:
        kind, described = waiting.pop()
        for field, inner in settings_of(kind):
            one = described["properties"][field.name]
            yield f"{kind.__name__}.{field.name}", field, one
            if (section := section_in(inner)) is not None:
                waiting.append((section, one.get("items", one)))


def test_every_setting_is_described() -> None:
    found = list(settings_and_schemas())
    assert len(found) > 80
    for path, field, described in found:
        assert described["description"] == field.metadata["doc"], path


def test_every_rule_has_its_part_in_the_schema() -> None:
    for path, field, _ in settings_and_schemas():
        for key in ("rule", "key_rule"):
            assert field.metadata.get(key) is None or field.metadata[key] in JSON_SCHEMA, path
