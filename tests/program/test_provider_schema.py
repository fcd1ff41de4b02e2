"""The package's schema says what the settings say, as programs spell it."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from typing import Any

import pytest

from provider.schema import COMPONENTS, package
from provider.spelling import camel_case
from settings.kinds import section_in, without_none
from settings.model import Settings
from settings.model.secret import SecretText

SCHEMA = package()


def sections(kind: type[Any] = Settings) -> Iterator[type[Any]]:
    """Every dataclass below the settings."""
    for hint in typing.get_type_hints(kind).values():
        inner = section_in(without_none(hint))
        if inner is not None:
            yield inner
            yield from sections(inner)


def properties(kind: type[Any]) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMA["types"][f"region-mirror:index:{kind.__name__}"]["properties"]
    return found


@pytest.mark.parametrize("kind", list(sections()), ids=lambda kind: kind.__name__)
def test_every_setting_is_a_property_with_a_description(kind: type[Any]) -> None:
    fields = {camel_case(field.name): field for field in dataclasses.fields(kind)}
    assert properties(kind).keys() == fields.keys()
    assert all(one["description"] for one in properties(kind).values())


@pytest.mark.parametrize("kind", list(sections()), ids=lambda kind: kind.__name__)
def test_secrets_alone_are_secret_and_may_come_from_resources(kind: type[Any]) -> None:
    for name, hint in typing.get_type_hints(kind).items():
        spec = properties(kind)[camel_case(name)]
        secret = SecretText in (without_none(hint), *typing.get_args(hint))
        assert (spec.get("secret", False), spec.get("plain", False)) == (secret, not secret), name


def test_every_component_takes_the_settings_of_a_mirror() -> None:
    for resource in SCHEMA["resources"].values():
        assert set(resource["inputProperties"]) == {field.name for field in dataclasses.fields(Settings)}
        assert resource["requiredInputs"] == ["source", "target", "mirror"]
        assert resource["isComponent"] is True
    assert len(SCHEMA["resources"]) == len(COMPONENTS)


def test_references_lead_somewhere() -> None:
    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (part for key, part in value.items() if key == "$ref")
            value = list(value.values())
        for part in value if isinstance(value, list) else ():
            yield from references(part)

    found = set(references(SCHEMA)) - {"pulumi.json#/Any"}
    assert found == {f"#/types/{name}" for name in SCHEMA["types"]}


def test_no_type_is_named_like_the_arguments_of_a_component() -> None:
    # Generated Go has one name for `type FooArgs` of a type Foo and of a resource Foo.
    types = {name.rpartition(":")[2] for name in SCHEMA["types"]}
    assert not types & COMPONENTS.keys()


def test_a_choice_is_an_enum_with_names_that_every_language_can_have() -> None:
    values = SCHEMA["types"]["region-mirror:index:SourceAuthentication"]["enum"]
    assert {"name": "ScramSha512", "value": "scram-sha-512"} in values
    names = [one["name"] for kind in SCHEMA["types"].values() for one in kind.get("enum", ())]
    assert all(name.isidentifier() for name in names)


def test_descriptions_spell_settings_as_programs_do() -> None:
    text = str(SCHEMA)
    assert "offsetSyncsTopicLocation" in text
    assert "offset_syncs_topic_location" not in text
