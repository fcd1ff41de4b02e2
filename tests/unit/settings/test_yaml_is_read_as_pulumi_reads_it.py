"""The values below are those that `pulumi config --json` printed for the same text (3.188.0)."""

from __future__ import annotations

import json

import pytest
import yaml

from manifests.rendered import dump as rendered
from settings.problems import SettingsError
from settings.stack_file import parse_stack_file
from settings.yaml_text import to_yaml

PULUMIS = {
    "on": "on",
    "yes": "yes",
    "no": "no",
    "n": "n",
    "OFF": "OFF",
    "True": True,
    "false": False,
    "1:30": "1:30",
    "12:30:45": "12:30:45",
    "010": 8,
    "0777": 511,
    "0o17": 15,
    "08": 8,
    "0x1F": 31,
    "0b11": 3,
    "1_000": 1000,
    "1e3": 1000,
    "1.0": 1,
    ".5": 0.5,
    "1_0.5": 10.5,
    "+12": 12,
    "-0": 0,
    "~": None,
    "NULL": None,
    "9223372036854775807": 9223372036854775807,
    "'on'": "on",
    "!!str 5": "5",
    "1e400": "1e400",
    "1e-400": 0,
    "=": "=",
    "0x_": "0x_",
    "0b_": "0b_",
    "2024-01-01": "2024-01-01 00:00:00 +0000 UTC",
    "2024-1-5": "2024-01-05 00:00:00 +0000 UTC",
    "2026-02-30": "2026-02-30",
    "0000-01-01": "0000-01-01 00:00:00 +0000 UTC",
    "9999-1-1": "9999-01-01 00:00:00 +0000 UTC",
    "2026-11-01T00:00:00Z": "2026-11-01 00:00:00 +0000 UTC",
    "2026-11-01t00:00:00.250Z": "2026-11-01 00:00:00.25 +0000 UTC",
    "2026-11-01T12:00:00+01:00": "2026-11-01 12:00:00 +0100 +0100",
    "2026-11-01T00:00:00-00:00": "2026-11-01 00:00:00 +0000 UTC",
    "2026-1-1T1:2:3+25:00": "2026-1-1T1:2:3+25:00",
    "2026-11-01T12:00:00": "2026-11-01T12:00:00",
    "2026-11-01 12:00:00": "2026-11-01 12:00:00 +0000 UTC",
    "2026-11-01 12:00:00Z": "2026-11-01 12:00:00Z",
    "2024-01-01T24:00:00Z": "2024-01-01T24:00:00Z",
    "'2024-01-01'": "2024-01-01",
}


def section(text: str) -> object:
    return parse_stack_file(f"config:\n  region-mirror:source: {text}\n")["source"]


@pytest.mark.parametrize(("text", "value"), PULUMIS.items(), ids=PULUMIS.keys())
def test_a_value_is_pulumis(text: str, value: object) -> None:
    """`rootLogger.level: OFF` was the text "false" for `plan`, and a selector's `yes` was "true"."""
    found = section(text)
    assert (type(found), found) == (type(value), value)


def test_a_merge_adds_the_keys_that_are_not_there() -> None:
    """No command took a stack file with `<<`, which Pulumi deploys."""
    text = "x: &common {a: 1, b: 2}\nconfig:\n  region-mirror:source: {<<: *common, b: 3}\n"
    assert parse_stack_file(text) == {"source": {"a": 1, "b": 3}}


def test_a_merge_of_a_merge_is_no_duplicate() -> None:
    text = (
        "x: {y: {z: [&one {a: 1}, &two {<<: *one, a: 2}]}}\n"
        "config: {'region-mirror:source': {<<: *two, b: 3}}\n"
    )
    assert parse_stack_file(text) == {"source": {"a": 2, "b": 3}}


def test_a_key_beside_a_merge_may_not_be_there_twice() -> None:
    text = "x: &common {a: 1}\nconfig:\n  region-mirror:source: {<<: *common, b: 2, b: 3}\n"
    with pytest.raises(SettingsError, match="line 3, column 45: the key 'b' is there twice"):
        parse_stack_file(text)


@pytest.mark.parametrize(
    "text",
    [
        "on",
        "OFF",
        "1:30",
        "08",
        "1e3",
        "12345e67",
        "0o17",
        "1_0",
        "~",
        "1.0",
        "y",
        "0X1F",
        "1e400",
        "5E3_",
        "+_5",
        "2024-1-1",
    ],
)
def test_a_text_comes_back_as_a_text(text: str) -> None:
    assert section(json.dumps(text)) == text
    written = to_yaml({"config": {"region-mirror:source": {"a": text}}})
    assert parse_stack_file(written)["source"] == {"a": text}
    assert yaml.safe_load(written)["config"]["region-mirror:source"] == {"a": text}
    assert written.rstrip().endswith("'"), "Pulumi or Kubernetes takes each of them for something else"


def test_a_digest_of_digits_and_an_e_is_rendered_in_quotes() -> None:
    """Kubernetes refused such an object: an annotation must be a text. One of 5,500 digests is like that."""
    assert (
        rendered({"region-mirror/declared": "31415926535897e9"})
        == "region-mirror/declared: '31415926535897e9'\n"
    )
