"""A session opens the source's Kubernetes once: each look of the exporter logged in to it anew."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mirror.estate import reading
from mirror.problems import CouldNotConnect
from mirror.verify.reading.look import Look, Session
from mirror.verify.reading.source_permissions import SourcePermissions, source_permissions
from tests.unit.settings.sample import settings
from tests.unit.support.fake_kubernetes import FakeKubernetes

USER = {"spec": {"authorization": {"type": "simple", "acls": []}}}


def test_each_look_reads_anew_by_the_same_client(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    fake = FakeKubernetes("https://east")

    def connect(side: Any, root: Path) -> FakeKubernetes:
        opened.append(side)
        return fake

    monkeypatch.setattr(reading, "connect", connect)
    session = Session(settings(), Path(), ExitStack())
    assert Look(session, ()).of(source_permissions) == SourcePermissions()
    fake.resources["Kafka", "east"] = {"spec": {"kafka": {"authorization": {"type": "simple"}}}}
    fake.resources["KafkaUser", "mirror-source"] = USER
    assert Look(session, ()).of(source_permissions).hidden_topics
    assert len(opened) == 1


def test_one_that_cannot_be_opened_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(side: Any, root: Path) -> Any:
        raise CouldNotConnect("reading the kubeconfig", "there is no such file", "create it")

    monkeypatch.setattr(reading, "connect", refused)
    session = Session(settings(), Path(), ExitStack())
    assert Look(session, ()).of(source_permissions) == SourcePermissions()
    monkeypatch.setattr(reading, "connect", lambda side, root: FakeKubernetes("https://east"))
    assert Look(session, ()).of(source_permissions) == SourcePermissions()
