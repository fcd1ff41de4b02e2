"""The types of a no-loss rule and of a breach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from settings.model import Settings

ConfigSection = str
"""A section of `mirror.config`: `source_connector`, `checkpoint_connector`, `worker` or `source_client`."""
BreachTest = Callable[[str, Settings], bool]
"""Tells whether a value breaks a rule. The settings are those of the mirror."""


@dataclass(frozen=True, slots=True)
class NoLossRule:
    """One default that keeps records and offsets safe.

    `breaks` holds the properties that can break it, by section of `mirror.config`. `lost` describes the
    consequence with its source, `instead` the alternative. `permissible`: whether `mirror.allow_data_loss`
    may name the rule. `excluded_by_exactly_once`: Kafka refuses the breach while `mirror.exactly_once` is on.
    """

    name: str
    breaks: Mapping[ConfigSection, Mapping[str, BreachTest]]
    lost: str
    instead: str
    permissible: bool = True
    excluded_by_exactly_once: bool = False


@dataclass(frozen=True, slots=True)
class Breach:
    """One raw property that breaks a rule."""

    rule: NoLossRule
    section: ConfigSection
    key: str
    value: str

    @property
    def path(self) -> str:
        """The property as the stack file spells it; a setting of its own has no section."""
        if not self.section:
            return f"mirror.{self.key}"
        return f"mirror.config.{self.section}.{self.key}"

    def __str__(self) -> str:
        return f"{self.rule.name}: {self.path} = {self.value!r}. {self.rule.lost}"
