"""A port stays the lab's for its life, unless somebody else took it while the lab was down."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable

import pytest

from lab.layout import Lab
from lab.ports import HOST, is_free, known, reserve
from tests.unit.lab.support import start

NAMES = ["east-kafka-mtls", "west-kafka-mtls"]


def listen(port: int) -> socket.socket:
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((HOST, port))
    server.listen()
    return server


def test_ports_differ_and_stay(lab: Lab) -> None:
    first = reserve(lab, NAMES)
    assert len(set(first.values())) == 2
    assert reserve(lab, NAMES) == first == known(lab)


def test_they_are_below_the_kernels_ephemeral_ports(lab: Lab) -> None:
    assert all(20_000 <= port < 32_000 for port in reserve(lab, NAMES).values())


def test_a_strangers_port_is_given_up_and_the_other_kept(lab: Lab) -> None:
    first = reserve(lab, NAMES)
    with listen(first["east-kafka-mtls"]):
        second = reserve(lab, NAMES)
    assert second["east-kafka-mtls"] != first["east-kafka-mtls"]
    assert second["west-kafka-mtls"] == first["west-kafka-mtls"]


def test_a_port_on_which_the_lab_itself_listens_is_kept(lab: Lab) -> None:
    first = reserve(lab, NAMES)
    port = first["east-kafka-mtls"]
    program = (
        f"import socket, time; s = socket.socket(); s.bind(('{HOST}', {port})); s.listen(); "
        "print('listening', flush=True); time.sleep(600)"
    )
    process = start(lab, "east-kafka", (sys.executable, "-c", program))
    assert process.stdout is not None
    assert process.stdout.readline() == b"listening\n"
    assert not is_free(port)
    assert reserve(lab, NAMES) == first


def test_a_spoilt_lab_json_is_written_anew(lab: Lab) -> None:
    lab.state_file.write_text("{ this is not JSON")
    assert set(reserve(lab, NAMES)) == set(NAMES)


@pytest.mark.parametrize("taken", [0, 1])
def test_a_taken_port_is_never_chosen(lab: Lab, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    really: Callable[[int], bool] = is_free

    def busy_first(port: int) -> bool:
        tried.append(port)
        return len(tried) > taken and really(port)

    monkeypatch.setattr("lab.ports.is_free", busy_first)
    assert reserve(lab, ["one"])["one"] not in tried[:taken]
