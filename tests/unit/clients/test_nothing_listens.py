"""A closed port is certain soon; everything else is not, and then the client's own patience decides."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

import pytest

from mirror.clients.listening import ROUNDS, nothing_listens


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_closed_ports_are_certain_within_a_second() -> None:
    began = time.monotonic()
    assert nothing_listens(f"127.0.0.1:{closed_port()}, PLAINTEXT://127.0.0.1:{closed_port()}", 5.0)
    assert time.monotonic() - began < 1.0


def test_one_address_that_listens_is_enough_wherever_it_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        there, gone = f"127.0.0.1:{server.getsockname()[1]}", f"127.0.0.1:{closed_port()}"
        assert not nothing_listens(f"{there},{gone}", 1.0)
        assert not nothing_listens(f"{gone},{there}", 1.0)


def test_a_listener_that_was_away_for_an_instant_is_found() -> None:
    port = closed_port()
    with ExitStack() as stack:
        tries: list[float] = []

        def comes_back(seconds: float) -> None:
            tries.append(seconds)
            if len(tries) == ROUNDS - 1:
                stack.enter_context(socket.create_server(("127.0.0.1", port)))

        assert not nothing_listens(f"127.0.0.1:{port}", 1.0, sleep=comes_back)


@pytest.mark.parametrize("servers", ["nobody.invalid:9092", "127.0.0.1", "127.0.0.1:tea", "", ","])
def test_what_cannot_be_resolved_or_read_is_not_certain(servers: str) -> None:
    assert not nothing_listens(servers, 1.0)


def test_one_name_that_cannot_be_resolved_may_be_a_broker_that_answers() -> None:
    assert not nothing_listens(f"127.0.0.1:{closed_port()},nobody.invalid:9092", 1.0)


def test_packets_that_nobody_answers_are_not_certain_and_take_the_bound() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as stack:
        address = server.getsockname()
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        began = time.monotonic()
        assert not nothing_listens(f"127.0.0.1:{address[1]}", 0.5)
        assert time.monotonic() - began < 2.0
