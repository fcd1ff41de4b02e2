"""When the resource deletes the mirror's internal topics, and what happens where it cannot."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

import mirror.cutover.teardown.internal_topics as deleting
import mirror.start.deployed as start
from components.internal_topics import InternalTopicsNotDeletedError, InternalTopicsProvider
from mirror.cutover.teardown.judge import OVERRIDE
from mirror.estate.ownership import MIRROR_MAKER2, DeployedObject
from mirror.problems import CouldNotConnect
from settings.load import dump
from tests.unit.settings.sample import settings


def props(phase: str) -> dict[str, Any]:
    declared = settings(mirror__phase=phase)
    return {"identity": {}, "settings": dump(declared), "spec": {"target": {}}, "__provider": "p"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The mirrors whose topics were deleted."""
    found: list[str] = []

    def delete(of: Any, *_: Any) -> list[str]:
        found.append(of.mirror.name)
        return ["__east-to-west-config"]

    monkeypatch.setattr(deleting, "delete_internal_topics", delete)
    monkeypatch.setattr(start, "deployed_objects", lambda *_: [])
    monkeypatch.delenv(OVERRIDE, raising=False)
    yield found
    if hasattr(sys, "tracebacklimit"):
        del sys.tracebacklimit


def fail(*_: Any) -> list[str]:
    raise CouldNotConnect("reaching west", "no answer in time", "check the address")


def test_topics_that_cannot_be_deleted_end_the_destroy(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "delete_internal_topics", fail)
    with pytest.raises(InternalTopicsNotDeletedError, match="no answer in time"):
        InternalTopicsProvider().delete("id", props("retired"))


def test_with_the_override_they_remain_and_the_reason_is_printed(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(deleting, "delete_internal_topics", fail)
    monkeypatch.setenv(OVERRIDE, "east-to-west")
    InternalTopicsProvider().delete("id", props("retired"))
    assert "internal topics remain: reaching west: no answer in time" in capsys.readouterr().out


def test_only_those_of_a_retired_mirror_are_deleted(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    InternalTopicsProvider().delete("id", props("promoted"))
    assert asked == []
    InternalTopicsProvider().delete("id", props("retired"))
    assert asked == ["east-to-west"]
    assert capsys.readouterr().out == "deleted internal topics: __east-to-west-config\n"


def test_a_mirror_that_is_no_longer_retired_keeps_them(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`retired` and back to `promoted`: Pulumi drops the resource, and the mirror is still there."""
    there = DeployedObject.of(MIRROR_MAKER2, "kafka/east-to-west", {"metadata": {}})
    monkeypatch.setattr(start, "deployed_objects", lambda *_: [there])
    InternalTopicsProvider().delete("id", props("retired"))
    assert asked == []
    assert "internal topics remain: the mirror is still deployed" in capsys.readouterr().out


def test_without_kubernetes_the_deletion_says_what_is_wrong(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "deployed_objects", fail)
    InternalTopicsProvider().delete("id", props("retired"))
    assert asked == ["east-to-west"]


def test_it_keeps_what_the_deletion_needs() -> None:
    inputs = props("retired")
    assert InternalTopicsProvider().effect(inputs, {}) == {
        key: inputs[key] for key in ("identity", "settings", "spec")
    }
    assert InternalTopicsProvider().changed(props("promoted"), inputs)
    assert not InternalTopicsProvider().changed(inputs, inputs)
