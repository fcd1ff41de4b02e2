"""The look at the source finds topics, groups and records, and ends in time when nobody answers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from manifests.strimzi.resource import MirrorFlow
from mirror.clients.access import ClusterAccess, PlainCredential, ScramCredential, TlsCredential
from mirror.plan.planned import SourceLook
from mirror.plan.source_look import StartedLook, source_access
from settings.model import Settings, SourceAuthentication
from tests.program.sample import estate
from tests.unit.settings.sample import settings
from tests.unit.support.mock_kafka import MockCluster, PlainAccess


@pytest.fixture(scope="module")
def cluster() -> MockCluster:
    found = MockCluster()
    found.write("orders", 0, [(b"k", b"v")] * 5)
    found.write("orders", 3, [(b"k", b"v")] * 2)
    found.write("other", 0, [(b"k", b"v")])
    return found


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def look_with(access: ClusterAccess, given: Settings, flow: MirrorFlow | None, seconds: float) -> SourceLook:
    return StartedLook(access, given).finish(flow, seconds)


def test_topics_that_enter_are_counted(cluster: MockCluster) -> None:
    found = look_with(cluster.access, settings(), None, 20)
    assert found.topics["orders"] == (4, 7)
    assert found.topics["other"] == (4, None), "no pattern matches it"
    assert found.topics_unknown is None


def test_topics_that_are_mirrored_already_are_not_counted(cluster: MockCluster) -> None:
    flow = MirrorFlow("east", {}, {}, {}, {"topicsPattern": "orders,payments"})
    assert look_with(cluster.access, settings(), flow, 20).topics["orders"] == (4, None)


def test_topics_are_counted_once_the_deployed_mirror_is_known(cluster: MockCluster) -> None:
    look = StartedLook(cluster.access, settings())
    time.sleep(0.2)  # what needs no deployed mirror may be read already
    assert look.finish(None, 20).topics["orders"] == (4, 7)


def test_a_look_that_nobody_finishes_ends(cluster: MockCluster) -> None:
    """The target could not be read: no client of the source may be left when the program ends."""
    look = StartedLook(cluster.access, settings())
    look.give_up()
    look._thread.join(20)
    assert not look._thread.is_alive()


def test_a_source_that_says_nothing_costs_no_more_than_it_may(silent: str) -> None:
    somebody = PlainAccess(silent, "", ScramCredential("nobody", ""), "east")
    started = time.monotonic()
    found = look_with(somebody, settings(), None, 1.0)
    assert time.monotonic() - started < 4
    assert found.topics == {}
    assert found.topics_unknown == found.groups_unknown == "east did not answer within 1 s"


def test_what_cannot_be_logged_in_with_is_said() -> None:
    found = look_with(source_access(settings(), estate(settings())), settings(), None, 10)
    assert found.topics_unknown is not None
    assert "TLS failed" in found.topics_unknown, "the sample's CA is no certificate"


def test_the_login_is_the_mirrors_own() -> None:
    there = estate(settings(), ca={"ca.crt": "new", "ca-2025.crt": "former"}, user_secret={"password": "x"})
    scram = source_access(settings(), there)
    assert scram.credential == ScramCredential("mirror-source", "x")
    assert scram.ca_pem == "former\nnew", "while a CA is renewed, both count"
    kinds: tuple[tuple[SourceAuthentication, type], ...] = (
        ("tls", TlsCredential),
        ("plain", PlainCredential),
    )
    for kind, credential in kinds:
        assert isinstance(access(kind).credential, credential)
    sha_256 = access("scram-sha-256").credential
    assert isinstance(sha_256, ScramCredential)
    assert sha_256.mechanism == "SCRAM-SHA-256"


def access(kind: SourceAuthentication) -> ClusterAccess:
    given = settings()
    given = replace(given, source=replace(given.source, authentication=kind))
    secret = {"user.crt": "c", "user.key": "k"} if kind == "tls" else {"password": "x"}
    return source_access(given, estate(given, user_secret=secret))
