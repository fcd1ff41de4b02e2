"""Settings survive the way through Pulumi's state, and the schema for editors agrees with the loader."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from settings import guess
from settings.load import dump, load, load_stack
from settings.problems import SettingsError
from settings.schema import schema
from tests.unit.settings.sample import raw, settings
from tests.unit.settings.strategies import anything, stacks

VALIDATOR = Draft7Validator(schema())


def accepted(sections: dict[str, Any]) -> bool:
    return bool(
        VALIDATOR.is_valid({"config": {f"region-mirror:{key}": value for key, value in sections.items()}})
    )


@profile(max_examples=50)
@given(stacks())
def test_dumped_settings_load_to_the_same(sections: dict[str, Any]) -> None:
    drawn = load(sections)
    # A plain path among secrets becomes one that is only known to be set, as everywhere outside Pulumi.
    known = load(dump(drawn))
    assert load(dump(known)) == known
    assert replace(known, source=drawn.source) == drawn


@profile(max_examples=50)
@given(stacks())
def test_dumped_settings_are_plain_json(sections: dict[str, Any]) -> None:
    drawn = load(sections)
    assert load(json.loads(json.dumps(dump(drawn)))) == load(dump(drawn))


@profile(max_examples=50)
@given(stacks())
def test_what_is_dumped_holds_no_secret(sections: dict[str, Any]) -> None:
    assert "v1:" not in json.dumps(dump(load(sections)))
    assert "v1:" not in repr(load(sections))


@profile(max_examples=50)
@given(stacks())
def test_one_mirror_of_several_is_the_same_as_one(sections: dict[str, Any]) -> None:
    name = sections["mirror"]["name"]
    rest = {key: value for key, value in sections["mirror"].items() if key != "name"}
    several = {**sections, "mirror": rest, "mirrors": {name: {}}}
    assert load_stack(several) == load_stack(sections)
    assert accepted(several)


@profile(max_examples=50)
@given(stacks())
def test_the_schema_accepts_sound_stacks(sections: dict[str, Any]) -> None:
    load(sections)
    assert accepted(sections)
    assert accepted(dump(load(sections)) | {"mirrors": {}})


@profile(max_examples=200)
@given(stacks(), st.sampled_from(guess.paths()), anything)
def test_the_schema_accepts_whatever_load_accepts(sections: dict[str, Any], path: str, value: Any) -> None:
    changed = copy.deepcopy(sections)
    *way, key = path.split(".")
    inner: Any = changed
    for part in way:
        inner = inner.setdefault(part, {})
    inner[key] = value
    try:
        load_stack(changed)
    except SettingsError:
        return
    assert accepted(changed)


def test_what_is_absent_is_left_out() -> None:
    assert "context" not in dump(settings())["source"]
    assert load(dump(settings())) == settings() == load(raw())
