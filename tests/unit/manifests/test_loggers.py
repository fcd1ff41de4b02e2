"""MM2's warnings about failed polls are limited by default; what the user says about loggers wins."""

from __future__ import annotations

import pytest

from manifests.strimzi.loggers import logging
from settings.loggers import BURST_FILTER, LOGGER, without_defaults
from settings.model import WorkersSettings

ON_MISMATCH = "logger.mirrorsourcetask.filter.burst.onMismatch"
RATE = "logger.mirrorsourcetask.filter.burst.rate"


def loggers(version: str | None = None, **given: str) -> dict[str, str]:
    """Render the loggers of a mirror whose user sets these; `__` stands for a dot."""
    named = {key.replace("__", "."): value for key, value in given.items()}
    rendered = logging(WorkersSettings(version=version, loggers=named))
    assert rendered is None or rendered["type"] == "inline"
    return rendered["loggers"] if rendered else {}


def test_without_a_setting_one_logger_is_limited_and_no_level_set() -> None:
    assert loggers() == {
        "logger.mirrorsourcetask.name": "org.apache.kafka.connect.mirror.MirrorSourceTask",
        "logger.mirrorsourcetask.filter.burst.type": "BurstFilter",
        "logger.mirrorsourcetask.filter.burst.level": "WARN",
        "logger.mirrorsourcetask.filter.burst.rate": "1",
        "logger.mirrorsourcetask.filter.burst.maxBurst": "30",
    }


def test_other_keys_are_added() -> None:
    assert loggers(rootLogger__level="DEBUG") == {**BURST_FILTER, "rootLogger.level": "DEBUG"}


def test_a_key_of_the_user_replaces_that_of_the_default() -> None:
    assert loggers(logger__mirrorsourcetask__filter__burst__rate="5") == {**BURST_FILTER, RATE: "5"}


def test_the_documented_key_turns_it_off() -> None:
    found = loggers(logger__mirrorsourcetask__filter__burst__onMismatch="NEUTRAL")
    assert found == {**BURST_FILTER, ON_MISMATCH: "NEUTRAL"}


@pytest.mark.parametrize("name", [LOGGER, f" {LOGGER}"])
def test_log4j2_does_not_get_the_same_logger_twice(name: str) -> None:
    own = {"logger.own.name": name, "logger.own.level": "DEBUG"}
    assert loggers(logger__own__name=name, logger__own__level="DEBUG") == own
    assert without_defaults(own, None) == own


def test_the_parents_logger_is_another_one() -> None:
    assert RATE in loggers(logger__own__name="org.apache.kafka.connect.mirror", logger__own__level="DEBUG")


@pytest.mark.parametrize(
    ("version", "limited"), [(None, True), ("4.0.0", True), ("10.0.0", True), ("3.9.1", False)]
)
def test_workers_with_log4j_1_would_ignore_it(version: str | None, limited: bool) -> None:
    assert (RATE in loggers(version)) == limited
    assert (logging(WorkersSettings(version=version)) is not None) == limited


@pytest.mark.parametrize("version", [None, "3.9.1"])
@pytest.mark.parametrize("given", [{}, {RATE: "5"}, {ON_MISMATCH: "NEUTRAL"}, {"rootLogger.level": "WARN"}])
def test_a_rendered_mirror_is_imported_with_the_same_setting(
    given: dict[str, str], version: str | None
) -> None:
    rendered = logging(WorkersSettings(version=version, loggers=given))
    assert without_defaults(rendered["loggers"] if rendered else {}, version) == given
