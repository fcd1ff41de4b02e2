"""A session opens the source's Kubernetes once: each look of the exporter logged in to it anew."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mirror.estate import reading
from mirror.problems import CouldNotConnect, NotLoggedIn
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


def test_a_login_that_is_refused_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kubeconfig was renewed. A session of weeks would never have known the source user's ACLs again."""
    old, new = FakeKubernetes("https://east"), FakeKubernetes("https://east")
    for one in (old, new):
        one.resources["Kafka", "east"] = {"spec": {"kafka": {"authorization": {"type": "simple"}}}}
        one.resources["KafkaUser", "mirror-source"] = USER
    clients = [old, new]
    monkeypatch.setattr(reading, "connect", lambda side, root: clients.pop(0))
    session = Session(settings(), Path(), ExitStack())
    assert Look(session, ()).of(source_permissions).hidden_topics

    def refused(*_: object) -> Any:
        raise NotLoggedIn("reaching https://east", "not logged in (401)", "log in again")

    monkeypatch.setattr(old, "strimzi", refused)
    assert Look(session, ()).of(source_permissions) == SourcePermissions()
    assert Look(session, ()).of(source_permissions).hidden_topics
