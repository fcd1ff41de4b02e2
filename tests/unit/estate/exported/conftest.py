"""The target as Kubernetes describes it, beside a source that only its exported files describe."""

from __future__ import annotations

import pytest

from mirror.estate import reading
from tests.unit.support.fake_kubernetes import FakeKubernetes, authority, two_regions
from tests.unit.support.pki import Issued


@pytest.fixture
def ca() -> Issued:
    return authority()


@pytest.fixture
def west(monkeypatch: pytest.MonkeyPatch, ca: Issued) -> FakeKubernetes:
    side = two_regions(ca)["west"]
    monkeypatch.setattr(reading, "connect", lambda side_settings, root: side)
    return side
