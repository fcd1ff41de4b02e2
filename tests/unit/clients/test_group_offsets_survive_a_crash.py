"""Group offsets are read by a helper process: it may die of librdkafka's null pointer, the parent may not."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition

from mirror.clients import group_helper, group_server
from mirror.clients.group_helper import COMMAND, GroupHelper
from mirror.clients.group_offsets import GroupOffsets, _parsed
from mirror.clients.records import TopicPartition as Partition
from mirror.clients.records import Unread
from mirror.problems import CouldNotRead
from tests.unit.support.mock_kafka import MockCluster

ANSWERING = (
    "import sys; sys.stdin.readline(); sys.stdin.readline()\n"
    'print(\'{"billing": [["orders", 0, 2, null]]}\', flush=True); sys.stdin.readline()'
)
DYING = "import os, sys; sys.stdin.readline(); sys.stdin.readline(); os.abort()"


@pytest.fixture(scope="module")
def kafka() -> MockCluster:
    cluster = MockCluster()
    cluster.write("orders", 0, [(None, b"a"), (None, b"b")])
    consumer = Consumer({**cluster.access.client_config(), "group.id": "billing", "log_level": 0})
    consumer.commit(offsets=[TopicPartition("orders", 0, 2)], asynchronous=False)
    consumer.close()
    return cluster


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_helper, "PAUSE_SECONDS", 0.0)


def test_no_group_asks_nobody(kafka: MockCluster) -> None:
    with GroupHelper(kafka.access, ["/nonexistent"]) as helper:
        offsets = GroupOffsets(helper)
        assert offsets.read([]) == {}


def test_a_helper_that_was_started_before_answers(kafka: MockCluster) -> None:
    with GroupHelper(kafka.access, [sys.executable, "-c", ANSWERING]) as helper:
        helper.start()
        started = helper._process
        helper.start()
        assert GroupOffsets(helper).read(["billing"]) == {"billing": {Partition("orders", 0): 2}}
        assert helper._process is started is not None, "there is one process"


def test_a_helper_that_cannot_be_started_before_is_no_error_yet(kafka: MockCluster) -> None:
    with GroupHelper(kafka.access, ["/nonexistent"]) as helper:
        helper.start()


def test_a_helper_that_dies_is_started_again(kafka: MockCluster, tmp_path: Path) -> None:
    """It dies at the first question, and answers at the second attempt."""
    died = tmp_path / "died"
    answer = '{"billing": [["orders", 0, 2, null]]}'
    script = (
        "import os, sys; sys.stdin.readline(); sys.stdin.readline()\n"
        f"if not os.path.exists({str(died)!r}): open({str(died)!r}, 'w').close(); os.abort()\n"
        f"print('{answer}', flush=True); sys.stdin.readline()"
    )
    with GroupHelper(kafka.access, [sys.executable, "-c", script]) as helper:
        offsets = GroupOffsets(helper)
        assert offsets.read(["billing"]) == {"billing": {Partition("orders", 0): 2}}
    assert died.exists()


def test_a_helper_that_always_dies_is_a_reason_not_a_crash(kafka: MockCluster) -> None:
    with (
        GroupHelper(kafka.access, [sys.executable, "-c", DYING]) as helper,
        pytest.raises(CouldNotRead, match="coordinator moved or was loading"),
    ):
        GroupOffsets(helper).read(["billing"])


def test_credentials_are_not_in_the_helpers_arguments() -> None:
    assert COMMAND[1:] == ("-m", "mirror.clients.group_server")


def test_descriptors_beyond_those_of_select_are_waited_for(kafka: MockCluster) -> None:
    """`select.select` takes none of 1,024 or more: a process with many connections has such."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        pytest.skip("this user may not have so many files open")
    held: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    try:
        while not held or held[-1] < 1024:
            held.append(os.open(os.devnull, os.O_RDONLY))
        with GroupHelper(kafka.access, [sys.executable, "-c", ANSWERING]) as helper:
            offsets = GroupOffsets(helper)
            assert offsets.read(["billing"]) == {"billing": {Partition("orders", 0): 2}}
    finally:
        for one in held:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Admin:
    """One group with two partitions, of which one has an error."""

    def __init__(self, error: KafkaError | None) -> None:
        self.error = error

    def list_consumer_group_offsets(
        self, request: list[Any], require_stable: bool, request_timeout: float
    ) -> dict[str, Any]:
        self.stable = require_stable
        fine = SimpleNamespace(
            topic="orders", partition=0, offset=7, leader_epoch=None, metadata="AgAB", error=None
        )
        other = SimpleNamespace(
            topic="orders", partition=1, offset=-1001, leader_epoch=None, metadata=None, error=self.error
        )
        future: Future[Any] = Future()
        future.set_result(SimpleNamespace(topic_partitions=[fine, other]))
        return {request[0].group_id: future}


def test_an_error_of_one_partition_is_no_missing_offset() -> None:
    admin: Any = Admin(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    answers, answered = group_server._offsets(admin, ["billing"])
    assert answered
    assert answers["billing"].startswith("orders-1: ")
    assert isinstance(_parsed(answers["billing"]), Unread)
    never: Any = Admin(None)
    assert group_server._offsets(never, ["billing"])[0] == {"billing": [("orders", 0, 7, None, "AgAB")]}


def test_offsets_that_wait_for_a_transaction_are_pending() -> None:
    """A broker says so only to who asks for stable offsets (KIP-447)."""
    waiting: Any = Admin(KafkaError(KafkaError.UNSTABLE_OFFSET_COMMIT))
    assert group_server._pending(waiting, ["billing"]) == ({"billing": [("orders", 1)]}, True)
    assert waiting.stable is True
    refused: Any = Admin(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    assert group_server._pending(refused, ["billing"]) == ({"billing": []}, True)
    group_server._offsets(waiting, ["billing"])
    assert waiting.stable is False


def test_pending_offsets_are_asked_of_the_helper(kafka: MockCluster) -> None:
    answer = ANSWERING.replace('["orders", 0, 2, null]', '["orders", 0]')
    with GroupHelper(kafka.access, [sys.executable, "-c", answer]) as helper:
        offsets = GroupOffsets(helper)
        assert offsets.pending(["billing"]) == {"billing": [Partition("orders", 0)]}
        assert offsets.pending([]) == {}


def test_a_helper_that_was_closed_is_not_started_again(kafka: MockCluster, tmp_path: Path) -> None:
    """A look that has failed closes its connections while another thread of it still asks."""
    started = tmp_path / "started"
    script = f"import sys; open({str(started)!r}, 'a').write('x'); sys.stdin.readline(); sys.stdin.read()"
    helper = GroupHelper(kafka.access, [sys.executable, "-c", script])
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(helper.ask, {"list": None}, "groups")
        until = time.monotonic() + 10
        while not started.exists() and time.monotonic() < until:
            time.sleep(0.01)
        helper.close()
        with pytest.raises(CouldNotRead, match="closed"):
            asked.result(timeout=10)
    helper.start()
    assert helper._process is None
    assert started.read_text() == "x"


def test_nor_where_it_is_closed_while_it_is_started(
    kafka: MockCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The close saw no process to end, and waited for the answer of the new one."""
    helper = GroupHelper(kafka.access, [sys.executable, "-c", "import sys; sys.stdin.read()"])
    monkeypatch.setattr("mirror.clients.group_helper.ANSWER_SECONDS", 10.0)
    popen = subprocess.Popen
    with ThreadPoolExecutor(1) as pool:
        closing: list[Future[None]] = []

        def closed_meanwhile(*given: Any, **more: Any) -> Any:
            closing.append(pool.submit(helper.close))
            while not helper._closed:
                time.sleep(0.01)
            return popen(*given, **more)

        monkeypatch.setattr(subprocess, "Popen", closed_meanwhile)
        began = time.monotonic()
        with pytest.raises(CouldNotRead, match="closed"):
            helper.ask({"list": None}, "groups")
        closing[0].result(timeout=10)
        assert time.monotonic() - began < 9
