"""The work queue: a key at a time, asked for twice is done once, and again when it failed."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from lab.operator import work_queue
from lab.operator.work_queue import Key, TryLater, WorkQueue

A, B = Key("Kind", "ns", "a"), Key("Kind", "ns", "b")
Start = Callable[[Callable[[Key], None]], WorkQueue]


@pytest.fixture
def start() -> Iterator[Start]:
    queues: list[WorkQueue] = []

    def started(reconcile: Callable[[Key], None]) -> WorkQueue:
        queue = WorkQueue(reconcile, threads=3)
        queues.append(queue)
        queue.start()
        return queue

    yield started
    for queue in queues:
        queue.stop()


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def test_one_thread_a_key_but_other_keys_side_by_side(start: Start) -> None:
    release, running, most = threading.Event(), {A: 0, B: 0}, {A: 0, B: 0}

    def reconcile(key: Key) -> None:
        running[key] += 1
        most[key] = max(most[key], running[key])
        release.wait(20)
        running[key] -= 1

    queue = start(reconcile)
    queue.add(A)
    wait_until(lambda: running[A] == 1)
    queue.add(A)
    queue.add(B)
    wait_until(lambda: running[B] == 1)
    assert most == {A: 1, B: 1}
    release.set()


def test_asked_for_while_it_is_done_it_is_done_once_more(start: Start) -> None:
    done: list[Key] = []
    release = threading.Event()

    def reconcile(key: Key) -> None:
        done.append(key)
        release.wait(20)

    queue = start(reconcile)
    queue.add(A)
    wait_until(lambda: len(done) == 1)
    for _ in range(5):
        queue.add(A)
    release.set()
    wait_until(lambda: len(done) == 2)
    time.sleep(0.05)
    assert done == [A, A]


@pytest.mark.parametrize("problem", [RuntimeError("x"), TryLater("no Kafka yet")])
def test_what_failed_is_tried_again(
    start: Start, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    monkeypatch.setattr(work_queue, "_FIRST_RETRY_SECONDS", 0.01)
    done: list[Key] = []

    def reconcile(key: Key) -> None:
        done.append(key)
        if len(done) < 4:
            raise problem

    start(reconcile).add(A)
    wait_until(lambda: len(done) == 4)


def test_stopped_it_takes_up_nothing(start: Start) -> None:
    done: list[Key] = []
    queue = start(done.append)
    queue.stop()
    queue.add(A)
    time.sleep(0.05)
    assert done == []


def test_later_is_later_but_sooner_wins(start: Start) -> None:
    done: list[Key] = []
    queue = start(done.append)
    queue.add(A, after_seconds=60)
    time.sleep(0.05)
    assert done == []
    queue.add(A)
    wait_until(lambda: done == [A])
