"""Who gives up exactly-once is told so at every preview."""

from __future__ import annotations

import asyncio

import pytest

from tests.program.conftest import Declare
from tests.unit.settings.sample import settings


def test_at_least_once_warns(declare: Declare, caplog: pytest.LogCaptureFixture) -> None:
    declare(settings(mirror__exactly_once=False))
    assert "mirror.exactly_once is false" in caplog.text


def test_a_permitted_loss_is_told_in_programs_without_a_plan(
    declare: Declare, caplog: pytest.LogCaptureFixture
) -> None:
    """A program in YAML has no plan: its previews said nothing of what `mirror.allowDataLoss` permits."""
    config = {"source_connector": {"errors.tolerance": "all"}}
    declare(settings(mirror__config=config, mirror__allow_data_loss=["errors-tolerance"]))
    assert "permitted data loss: errors-tolerance: mirror.config.source_connector.errors" in caplog.text


def test_a_program_needs_no_event_loop_of_an_earlier_test(declare: Declare) -> None:
    """As in the first test of a process on Python 3.14."""
    asyncio.set_event_loop(None)
    assert declare(settings()).one("KafkaMirrorMaker2")


def test_exactly_once_is_silent(declare: Declare, caplog: pytest.LogCaptureFixture) -> None:
    declare(settings())
    assert "exactly_once" not in caplog.text
