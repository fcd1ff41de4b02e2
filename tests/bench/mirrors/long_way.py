"""A distance between the workers and the source's broker, for as long as a bench needs it.

The listener of the lab's source that the mirror uses is advertised at the far address of a relay
(`tests.bench.mirrors.relay`), so that each of the mirror's connections has the round trip and the bandwidth
of the link. The bench itself uses the other listener. The certificate of the lab's broker is for localhost:
the mirror does not compare the broker's name (`WITHOUT_NAMES`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from lab.layout import PROJECT, Lab
from lab.ports import HOST, known
from lab.processes import declare
from lab.region import kafka
from lab.region.broker import STRIMZI, Shape
from lab.toolchain import Toolchain
from lab.waiting import wait_ready
from tests.bench.mirrors.relay import FAR

_REGION, _DEVICE = "east", "far-source"
WITHOUT_NAMES = {
    "config": {"source_client": {"ssl.endpoint.identification.algorithm": ""}},
    "allow_data_loss": ["host-names-verified"],
}
"""For the mirror's section `mirror`."""


def impossible() -> str | None:
    """Return why this machine cannot make the distance; None where it can."""
    if not Path("/dev/net/tun").exists():
        return "there is no /dev/net/tun"
    if os.geteuid() != 0:
        return "only root may make a TUN device"
    return None if shutil.which("ip") else "the command `ip` is not installed"


@contextlib.contextmanager
def long_way(lab: Lab, round_trip_ms: float, mbit: float, broker: Mapping[str, str]) -> Iterator[None]:
    """Restart the source's broker behind the distance, with further properties; afterwards as it was."""
    ports = known(lab)
    port = ports[f"{_REGION}-kafka-scram"]
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
        mtls = ports[f"{_REGION}-kafka-mtls"]
        more = {
            "listeners": f"SCRAM://0.0.0.0:{port},MTLS://{HOST}:{mtls},"
            f"CONTROLLER://{HOST}:{ports[f'{_REGION}-kafka-controller']}",
            "advertised.listeners": f"SCRAM://{FAR}:{port},MTLS://localhost:{mtls}",
        }
        _restarted(lab, ports, replace(STRIMZI, more={**more, **broker}))
        yield
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
