"""What PyYAML would write plain, and Kubernetes reads as a number or a boolean (findings/pyyaml-*.sh)."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from manifests.rendered import dump
from settings.yaml_text import Dumper


@pytest.mark.parametrize(
    "text",
    ["1234e56", "1e3", "+1E-3", ".5e1", "1.e3", "0812", "0o17", "-0O7", "0XFF", "0B1", "y", "N", "09"],
)
def test_what_another_parser_takes_for_a_number_is_quoted(text: str) -> None:
    written = dump({"labels": {"commit": text, text: "a"}})
    assert f"commit: '{text}'" in written
    assert f"'{text}': a" in written
    assert yaml.safe_load(written) == {"labels": {"commit": text, text: "a"}}


@pytest.mark.parametrize(
    "value",
    [812, -1, 1.5, 1e20, True, None, "orders", "4.3.1", "e12", "12e4b", "yes or no", "1e3\n"],
)
def test_what_is_no_number_is_written_as_before(value: Any) -> None:
    assert yaml.dump({"a": value}, Dumper=Dumper) == yaml.safe_dump({"a": value})
