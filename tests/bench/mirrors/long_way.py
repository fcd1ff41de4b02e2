"""A distance between the workers and the source's broker, for as long as a bench needs it.

The source's broker gets one listener more. It is advertised at the far address of a relay
(`tests.bench.mirrors.relay`), so that each connection of a mirror that uses it has the round trip and the
bandwidth of the link. All others keep their listeners: a client that once knew the far address alone would
not find the source again for five minutes (KIP-1102). The certificate of the lab's broker is for localhost:
the mirror does not compare the broker's name.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from lab.layout import PROJECT, Lab
from lab.ports import HOST, known
from lab.processes import declare
from lab.region import kafka
from lab.region.broker import STRIMZI, Shape
from lab.toolchain import Toolchain
from lab.waiting import wait_ready
from tests.bench.mirrors.relay import FAR, NEAR

_REGION, _DEVICE = "east", "far-source"
_FAR = Shape({**STRIMZI.listeners, "far": STRIMZI.listeners["scram"]})


def impossible() -> str | None:
    """Return why this machine cannot make the distance; None where it can."""
    if not Path("/dev/net/tun").exists():
        return "there is no /dev/net/tun"
    if os.geteuid() != 0:
        return "only root may make a TUN device"
    return None if shutil.which("ip") else "the command `ip` is not installed"


@contextlib.contextmanager
def long_way(
    lab: Lab, round_trip_ms: float, mbit: float, broker: Mapping[str, str]
) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Restart the source's broker with the distance and further properties; afterwards as it was. Yields what
    the stack file of a mirror over the distance has in its sections `source` and `mirror`.
    """
    with socket.create_server(("", 0)) as free:
        port = free.getsockname()[1]
    ports = {**known(lab), f"{_REGION}-kafka-far": port}
    process = subprocess.Popen(
        (
            *(sys.executable, "-m", "tests.bench.mirrors.relay"),
            *(_DEVICE, str(port), str(round_trip_ms), str(mbit)),
        ),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise RuntimeError("the relay did not start")
        near = [f"{name.upper()}://{{host}}:{ports[f'{_REGION}-kafka-{name}']}" for name in STRIMZI.listeners]
        controller = f"CONTROLLER://{HOST}:{ports[f'{_REGION}-kafka-controller']}"
        more = {
            "listeners": ",".join([*near, f"FAR://{NEAR}:{port}", controller]).format(host=HOST),
            "advertised.listeners": ",".join([*near, f"FAR://{FAR}:{port}"]).format(host="localhost"),
        }
        _restarted(lab, ports, replace(_FAR, more={**more, **broker}))
        yield {
            "source": {"bootstrap_servers": f"{FAR}:{port}"},
            "mirror": {
                "config": {"source_client": {"ssl.endpoint.identification.algorithm": ""}},
                "allow_data_loss": ["host-names-verified"],
                "expected_round_trip_ms": round_trip_ms,
            },
        }
    finally:
        _restarted(lab, ports, STRIMZI)
        process.terminate()
        process.wait(10)


def _restarted(lab: Lab, ports: Mapping[str, int], shape: Shape) -> None:
    tools = Toolchain.load()
    kafka.prepare(lab, _REGION, ports, tools, shape)
    spec = kafka.spec(lab, _REGION, tools, shape)
    declare(lab, spec)
    wait_ready(lab, spec, partial(kafka.unready, lab, _REGION, ports))
