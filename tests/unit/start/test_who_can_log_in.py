"""Leftovers are looked for only where the mirror's users can log in."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror.start import deployed
from mirror.start.deployed import can_log_in
from tests.unit.settings.sample import settings
from tests.unit.support.fake_kubernetes import FakeKubernetes


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> FakeKubernetes:
    fake = FakeKubernetes("https://west")
    monkeypatch.setattr(deployed, "connect", lambda side, root: fake)
    return fake


def test_without_the_verifiers_secret_nobody_can(target: FakeKubernetes) -> None:
    assert not can_log_in(settings(), Path())
    assert target.asked == ["metadata-of-Secret kafka/east-to-west-verifier"]


def test_with_it_somebody_may(target: FakeKubernetes) -> None:
    target.secrets_there["east-to-west-verifier"] = {}
    assert can_log_in(settings(), Path())


@pytest.mark.parametrize("forbidden", [True, False])
def test_what_cannot_be_asked_for_may_exist(target: FakeKubernetes, forbidden: bool) -> None:
    target.dead = not forbidden
    target.forbidden.add("metadata-of-Secret")
    assert can_log_in(settings(), Path())
