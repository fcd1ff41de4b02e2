"""The lease: one operator at a time, and a dead process does not keep the next one waiting."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, cast

import pytest

from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.lease import SKEW_SECONDS, Lease, holder, identity, is_dead
from mirror.problems import CouldNotConnect, CouldNotRun
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi

PATH = "/apis/coordination.k8s.io/v1/namespaces/kafka/leases/east-to-west-cutover"


def lease(api: MemoryApi, me: str = "") -> Lease:
    return Lease(cast(Kubernetes, api), settings(), me)


def test_a_second_operator_is_refused_and_told_who_has_it() -> None:
    api = MemoryApi()
    with lease(api, "ann@elsewhere/1"), pytest.raises(CouldNotRun, match="ann@elsewhere/1 runs a cutover"):
        lease(api, "bob@elsewhere/2").__enter__()


def test_it_is_free_after_the_end() -> None:
    api = MemoryApi()
    with lease(api, "ann@elsewhere/1"):
        pass
    with lease(api, "bob@elsewhere/2") as mine:
        assert mine.read()[0] == "bob@elsewhere/2"


def test_a_process_that_was_killed_on_this_machine_does_not_hold_it() -> None:
    api = MemoryApi()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = f"{identity().rpartition('/')[0]}/{ended.pid}"
    killed = lease(api, dead)
    killed._take()
    with lease(api) as mine:
        mine.held()


def test_a_process_that_was_killed_on_this_machine_is_not_told_to_run() -> None:
    """The same command again was refused for 30 s, because somebody "runs a cutover now"."""
    api = MemoryApi()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lease(api, f"{identity().rpartition('/')[0]}/{ended.pid}")._take()
    assert lease(api).other() == ("", 0.0)
    lease(api)._take()
    assert lease(api, "ann@elsewhere/1").other()[0] == identity()


def test_a_process_of_another_machine_with_the_same_name_is_not_taken_for_one_that_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both regions have a host "bastion" with one user: its live lease was taken at once."""
    api, number = MemoryApi(), 2**22 - 1
    with monkeypatch.context() as there:
        there.setattr(os, "readlink", lambda _: "pid:[1]")
        there.setattr(os, "getpid", lambda: number)
        other = identity()
    lease(api, other)._take()
    with pytest.raises(CouldNotRun, match="runs a cutover"):
        lease(api)._take()
    assert is_dead(f"{identity().rpartition('/')[0]}/{number}", identity()), "one of this machine"


def test_a_machine_without_these_files_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(os, "readlink", missing)
    assert identity() == identity()
    assert identity().count("/") == 2


def test_a_killed_process_that_nobody_has_waited_for_does_not_hold_it() -> None:
    """As in a container whose first process is no init: the ended process remains as a zombie."""
    me = identity()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        name = f"{me.rpartition('/')[0]}/{process.pid}"
        assert not is_dead(name, me)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_dead(name, me)


def test_it_expires() -> None:
    spec = {
        "holderIdentity": "ann@elsewhere/1",
        "renewTime": "1970-01-01T00:01:40.000000Z",
        "leaseDurationSeconds": 30,
    }
    assert holder(spec, 110.0) == ("ann@elsewhere/1", 20.0)
    assert holder(spec, 131.0) == ("", 0.0)
    assert holder({}, 0.0) == ("", 0.0)


class Clocks:
    """Both clocks of this machine; each pause of the lease lets `between` happen elsewhere."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, ahead: float) -> None:
        self.ahead, self.passed = ahead, 0.0
        self.between: Callable[[], None] = lambda: None
        self._began = time.time()
        monkeypatch.setattr("mirror.cutover.lease.time.time", lambda: self._began + self.passed + self.ahead)
        monkeypatch.setattr("mirror.cutover.lease.time.monotonic", lambda: self.passed)

    def lease(self, api: MemoryApi, me: str) -> Lease:
        made = lease(api, me)
        made._ends.wait = self._pause  # type: ignore[method-assign, assignment]
        return made

    def _pause(self, seconds: float) -> bool:
        self.passed += seconds
        self.between()
        return False


def test_an_operator_whose_clock_is_ahead_does_not_take_a_lease_that_is_renewed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """23 s were enough for two operators to hold it: a lease of 30 s is renewed every 8."""
    api = MemoryApi()
    ann = lease(api, "ann@elsewhere/1")
    ann._take()
    clocks = Clocks(monkeypatch, ahead=60.0)
    clocks.between = ann._renew
    with pytest.raises(CouldNotRun, match=r"ann@elsewhere/1 runs a cutover.*renews it; by the clock of this"):
        clocks.lease(api, "bob@elsewhere/2")._take()
    assert api.objects[PATH]["spec"]["holderIdentity"] == "ann@elsewhere/1"


def test_a_lease_of_a_dead_machine_is_taken_after_its_duration(monkeypatch: pytest.MonkeyPatch) -> None:
    api = MemoryApi()
    lease(api, "ann@elsewhere/1")._take()
    clocks = Clocks(monkeypatch, ahead=60.0)
    told: list[str] = []
    bob = clocks.lease(api, "bob@elsewhere/2")
    bob._say = told.append
    bob._take()
    assert clocks.passed == 30.0
    assert told[0].startswith("waits up to 30 s for ann@elsewhere/1")
    assert api.objects[PATH]["spec"]["holderIdentity"] == "bob@elsewhere/2"


def test_a_lease_that_is_released_or_expired_long_ago_is_taken_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api = MemoryApi()
    ann = lease(api, "ann@elsewhere/1")
    ann._take()
    clocks = Clocks(monkeypatch, ahead=60.0)
    clocks.between = lambda: ann._put("")
    clocks.lease(api, "bob@elsewhere/2")._take()
    assert clocks.passed == 2.0
    clocks.ahead += SKEW_SECONDS
    clocks.lease(api, "cem@elsewhere/3")._take()
    assert clocks.passed == 2.0


def test_who_lost_it_may_change_nothing_any_more() -> None:
    api = MemoryApi()
    mine = lease(api, "ann@elsewhere/1")
    mine._take()
    api.put(PATH, {**api.objects[PATH], "spec": {"holderIdentity": "bob@elsewhere/2"}})
    mine._ends.wait = lambda timeout=None: False  # type: ignore[method-assign]
    mine._keep()
    with pytest.raises(CouldNotRun, match="another operator has taken it"):
        mine.held()


def test_a_renewal_whose_answer_was_lost_does_not_lose_it() -> None:
    api = MemoryApi()
    mine = lease(api, "ann@elsewhere/1")
    mine._take()
    api.put(PATH, {**api.objects[PATH], "spec": {"holderIdentity": "ann@elsewhere/1"}})
    mine._renew()
    mine.held()
    assert api.objects[PATH]["spec"]["renewTime"]


def test_a_lease_that_somebody_deletes_is_taken_again_unless_another_one_has_it() -> None:
    """A prune took the journal along, which is written again: the move stood still behind its fence."""
    mine = lease(api := MemoryApi(), "ann@elsewhere/1")
    mine._take()
    del api.objects[PATH]
    mine._renew()
    assert api.objects.pop(PATH)["spec"]["holderIdentity"] == "ann@elsewhere/1"
    with lease(api, "bob@elsewhere/2"):
        mine._renew()
        with pytest.raises(CouldNotRun, match="another operator has taken it"):
            mine.held()


def test_an_api_that_does_not_answer_is_waited_for_and_not_a_lost_lease() -> None:
    api = MemoryApi()
    mine = lease(api, "ann@elsewhere/1")
    mine._take()
    mine._renewed = (mine._renewed[0] - 31, mine._renewed[1] - 31)
    with pytest.raises(CouldNotConnect, match="it was not renewed for 31 s"):
        mine.held()
    mine._renew()
    mine.held()


def test_a_slow_answer_does_not_make_it_last_longer_than_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others may take it 30 s after `renewTime`, which was written before the API was asked."""
    api, clock = MemoryApi(), [1000.0]
    mine = lease(api, "ann@elsewhere/1")
    monkeypatch.setattr("mirror.cutover.lease.time.monotonic", lambda: clock[0])
    answer = api.request

    def slowly(*given: Any, **more: Any) -> dict[str, Any]:
        clock[0] += 12.0
        return answer(*given, **more)

    monkeypatch.setattr(api, "request", slowly)
    mine._put("ann@elsewhere/1")
    assert clock[0] == 1012.0
    clock[0] = 1031.0
    with pytest.raises(CouldNotConnect, match="it was not renewed for 31 s"):
        mine.held()


def test_a_machine_that_has_slept_asks_before_it_changes_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its monotonic clock stood still, and another operator may have the lease since."""
    api = MemoryApi()
    mine = lease(api, "ann@elsewhere/1")
    mine._take()
    awake = time.time()
    monkeypatch.setattr("mirror.cutover.lease.time.time", lambda: awake + 45)
    with pytest.raises(CouldNotConnect, match="it was not renewed for 45 s"):
        mine.held()
    api.put(PATH, {**api.objects[PATH], "spec": {"holderIdentity": "bob@elsewhere/2"}})
    mine._renew()
    with pytest.raises(CouldNotRun, match="another operator has taken it"):
        mine.held()
