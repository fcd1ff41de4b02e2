"""Evaluates the rules with Prometheus' own engine (`promtool test rules`), over made-up series."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.toolchain import Toolchain
from lab.toolchain.toolchain import ToolchainIncomplete
from manifests.monitoring.prometheus_rule import groups

MIRROR = "east-to-west"
RULES: dict[str, Any] = groups(MIRROR, "docs/alerts.md")
NAMES = sorted({rule["alert"] for rule in RULES["groups"][0]["rules"]})


@dataclass(frozen=True)
class Fires:
    """An alert that is expected. `value` is what Prometheus makes of `{{ $value ... }}` in its texts."""

    alert: str
    severity: str
    labels: Mapping[str, str] = field(default_factory=dict)
    value: str = ""

    def expected(self) -> dict[str, Any]:
        """The same, as promtool wants it: with every label and text."""
        (rule,) = [
            one
            for one in RULES["groups"][0]["rules"]
            if (one["alert"], one["labels"]["severity"]) == (self.alert, self.severity)
        ]
        texts = {key: self._filled(text) for key, text in rule["annotations"].items()}
        return {"exp_labels": {**self.labels, **rule["labels"]}, "exp_annotations": texts}

    def _filled(self, text: str) -> str:
        for label, value in self.labels.items():
            text = text.replace(f"{{{{ $labels.{label} }}}}", value)
        text = re.sub(r"\{\{ \$value[^}]*\}\}", self.value, text)
        assert "{{" not in text, text
        return text


@cache
def promtool() -> Path:
    """The program; where `make setup` has not built it a test is skipped, but never in CI."""
    try:
        return Toolchain.load().promtool
    except ToolchainIncomplete as problem:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"promtool is not built: {problem}")


def check(folder: Path) -> None:
    """Prometheus would load the rules."""
    _run("check", _written(folder / "rules.yaml", RULES))


def evaluate(
    folder: Path,
    series: Mapping[str, str],
    expected: Mapping[str, Sequence[Fires]],
    rules: Mapping[str, Any] = RULES,
) -> None:
    """`series` in promtool's notation, a sample a minute; `expected`: what fires when, and nothing else.

    AssertionError with what promtool says.
    """
    _written(folder / "rules.yaml", rules)
    document = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": key, "values": text} for key, text in series.items()],
                "alert_rule_test": list(_expectations(expected)),
            }
        ],
    }
    _run("test", _written(folder / "test.yaml", document))


def _expectations(expected: Mapping[str, Sequence[Fires]]) -> Iterable[dict[str, Any]]:
    for time, alerts in expected.items():
        for name in NAMES:
            found = [one.expected() for one in alerts if one.alert == name]
            yield {"eval_time": time, "alertname": name, "exp_alerts": found}


def _written(path: Path, document: Any) -> Path:
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return path


def _run(what: str, file: Path) -> None:
    ran = subprocess.run(
        [promtool(), what, "rules", file], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
