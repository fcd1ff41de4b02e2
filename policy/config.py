"""The policy file: the severity of each rule, waivers, and what the rules need to know. Pure.

```yaml
rules: {exactly-once-on: error, resources-set: "off"}
production: ["prod-*"]
certificate_margin_days: 30
compare_with: ["../other-project/stacks/*.yaml", "k8s/mirrors"]
clusters: {east: [east, prod-east, "kafka.east.example.com:9094"]}
environments: {prod: ["prod-*"], staging: ["staging-*"]}
waivers:
- {rule: topics-named, subject: "prod-west/*", reason: "everything moves", expires: 2027-03-31}
```
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, get_args

import yaml

from policy.documents import Subject
from policy.problems import PolicyError
from policy.rule import Rule, Severity
from settings.yaml_errors import UNREADABLE, place_and_problem
from settings.yaml_text import PulumiLoader

FILE = "policy.yaml"
"""The usual name, beside Pulumi.yaml."""
_SEVERITIES = get_args(Severity)
_WAIVER = ("rule", "subject", "reason", "expires")


@dataclass(frozen=True, slots=True)
class Waiver:
    """A violation that is accepted until a date, with the reason. `subject` is a pattern with `*`."""

    rule: str
    reason: str
    expires: date
    subject: str = "*"

    def covers(self, rule: str, subject: Subject) -> bool:
        """Tell whether the waiver is about a violation, expired or not."""
        return self.rule == rule and subject.matches(self.subject)

    def expired(self, today: date) -> bool:
        """Tell whether the waiver no longer counts. It counts on its last day."""
        return today > self.expires

    def __str__(self) -> str:
        about = "" if self.subject == "*" else f" for {self.subject}"
        return f"{self.rule}{about} until {self.expires}: {self.reason}"


@dataclass(frozen=True, slots=True)
class PolicyConfig:
    """The content of a policy file; without one, every rule has its own severity, and nothing is waived."""

    severities: Mapping[str, Severity] = field(default_factory=dict)
    production: tuple[str, ...] = ("*",)
    certificate_margin_days: int = 30
    compare_with: tuple[str, ...] = ()
    clusters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    environments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()

    def severity(self, rule: Rule) -> Severity:
        """Return the severity of a rule."""
        return self.severities.get(rule.id, rule.severity)

    def concerns(self, rule: Rule, subject: Subject) -> bool:
        """Tell whether a rule applies to a subject: some apply to production only."""
        return not rule.production or any(subject.matches(pattern) for pattern in self.production)


class _Loader(PulumiLoader):
    """Reads a date as the text that it is."""

    def construct_date(self, node: yaml.ScalarNode) -> str:
        """Return the text."""
        return str(node.value)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_date)


def parse_policy(text: str, rules: Collection[str], where: str = FILE) -> PolicyConfig:
    """Read a policy file. Raises PolicyError with every problem of the file."""
    reading = f"reading {where}"
    try:
        content = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except UNREADABLE as error:
        raise PolicyError(reading, (f"it is not YAML: {place_and_problem(error)}",), "Correct it") from None
    if content is None:
        return PolicyConfig()
    found = _Reader(rules)
    config = found.config(content)
    if found.problems:
        raise PolicyError(reading, tuple(found.problems), "See docs/policy.md")
    return config


class _Reader:
    """Reads the parts of a policy file and collects their problems."""

    def __init__(self, rules: Collection[str]) -> None:
        self._rules = rules
        self.problems: list[str] = []

    def config(self, content: object) -> PolicyConfig:
        """Read the whole file."""
        readers: dict[str, Callable[[Any], Any]] = {
            "rules": self._severities,
            "production": lambda value: self._texts("production", value),
            "certificate_margin_days": self._days,
            "compare_with": lambda value: self._texts("compare_with", value),
            "clusters": lambda value: self._lists("clusters", value),
            "environments": lambda value: self._lists("environments", value),
            "waivers": self._waivers,
        }
        given = self._mapping("the file", content, readers)
        values = {key: readers[key](value) for key, value in given.items() if key in readers}
        if "rules" in values:
            values["severities"] = values.pop("rules")
        return PolicyConfig(**values)

    def _severities(self, value: object) -> dict[str, Severity]:
        given = self._mapping("rules", value, self._rules)
        for rule, severity in given.items():
            if severity not in _SEVERITIES:
                self._add(f"rules.{rule} = {severity!r}", f"must be one of {', '.join(_SEVERITIES)}")
        return given

    def _lists(self, path: str, value: object) -> dict[str, tuple[str, ...]]:
        given = self._mapping(path, value, None)
        return {name: self._texts(f"{path}.{name}", words) for name, words in given.items()}

    def _days(self, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self._add(f"certificate_margin_days = {value!r}", "must be a number of days, 0 or more")
        return 0

    def _waivers(self, value: object) -> tuple[Waiver, ...]:
        if not isinstance(value, list):
            self._add("waivers", "must be a list of waivers with rule, reason and expires")
            return ()
        found = [self._waiver(f"waivers[{number}]", one) for number, one in enumerate(value)]
        return tuple(one for one in found if one is not None)

    def _waiver(self, path: str, value: object) -> Waiver | None:
        before = len(self.problems)
        given = self._mapping(path, value, _WAIVER)
        rule, reason, expires = (given.get(key) for key in ("rule", "reason", "expires"))
        if rule not in self._rules:
            self._add(f"{path}.rule = {rule!r}", f"is not a rule{self._like(str(rule), self._rules)}")
        if not isinstance(reason, str) or not reason.strip():
            self._add(f"{path}.reason", "must be a sentence that says why the violation is accepted")
        day = _day(expires)
        if day is None:
            self._add(f"{path}.expires = {expires!r}", "must be a date like 2027-03-31")
        subject = given.get("subject", "*")
        if not isinstance(subject, str) or not subject:
            self._add(f"{path}.subject = {subject!r}", "must be a pattern such as prod-west/*")
        if len(self.problems) > before or day is None:
            return None
        return Waiver(str(rule), str(reason).strip(), day, str(subject))

    def _texts(self, path: str, value: object) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(one, str) and one for one in value):
            return tuple(value)
        self._add(path, "must be a list of texts")
        return ()

    def _mapping(self, path: str, value: object, known: Collection[str] | None) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self._add(path, "must be a mapping")
            return {}
        for key in value:
            if known is not None and key not in known:
                self._add(
                    f"{key!r} in {path}",
                    f"is not known{self._like(str(key), known)}"
                    + ("" if len(known) > 10 else f". Known: {', '.join(known)}"),
                )
        return {str(key): one for key, one in value.items()}

    def _like(self, word: str, known: Collection[str]) -> str:
        close = get_close_matches(word, known, n=1)
        return f": did you mean {close[0]}?" if close else ""

    def _add(self, what: str, rule: str) -> None:
        self.problems.append(f"{what} {rule}")


def _day(value: object) -> date | None:
    try:
        return datetime.fromisoformat(str(value)).date()
    except ValueError:
        return None
