"""A Kubernetes API of a test's own: with other definitions of the same names than the lab's.

An etcd and a kube-apiserver, started as a region's are, and gone with everything they wrote when the test is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.layout import Lab
from lab.ports import is_free, reserve
from lab.processes import ProcessSpec
from lab.region import apply, clients, kubernetes, pki, strimzi
from lab.toolchain import Toolchain
from tests.lab.support.command import Ran, run
from tests.lab.support.wait import until

_REGION = "west"


@dataclass(frozen=True)
class KubernetesApi:
    """An API that `kubectl` talks to."""

    kubectl: Path
    kubeconfig: Path

    def would_apply(self, manifests: Iterable[dict[str, Any]]) -> Ran:
        """Ask the API server to judge manifests as it would at `pulumi up`: server-side apply with strict
        field validation, as a dry run.
        """
        argv = [self.kubectl, "--kubeconfig", self.kubeconfig, "apply", "--server-side", "--dry-run=server"]
        argv += ["--validate=strict", "--force-conflicts", "--field-manager=tests", "--filename=-"]
        text, here = yaml.safe_dump_all(manifests), Path.cwd()
        command = [str(part) for part in argv]
        return run(command, cwd=here, env=os.environ, seconds=60, standard_input=text)


@contextmanager
def api_with(root: Path, definitions: Sequence[dict[str, Any]]) -> Iterator[KubernetesApi]:
    """Run an API below the folder `root`, with these CustomResourceDefinitions and the lab's namespace."""
    lab, tools = Lab(root), Toolchain.load()
    lab.region(_REGION).mkdir(parents=True)
    pki.create(lab.pki(_REGION), _REGION)
    ports = reserve(lab, [f"{_REGION}-{name}" for name in kubernetes.PORTS])
    kubernetes.prepare(lab, _REGION, ports)
    with _gone_afterwards(lab, ports), running(lab, kubernetes.etcd(lab, _REGION, ports, tools)):
        until("etcd", lambda: kubernetes.store_unready(_REGION, ports) is None, seconds=60, every=0.1)
        with running(lab, kubernetes.apiserver(lab, _REGION, ports, tools)):
            ready = lambda: kubernetes.unready(lab, _REGION, ports) is None  # noqa: E731
            until("the API server", ready, seconds=120, every=0.1)
            client = clients.kubernetes(lab, _REGION)
            apply.apply(client, [strimzi.namespace(), *definitions])
            apply.await_established(client, definitions)
            yield KubernetesApi(tools.kubectl, lab.kubeconfig(_REGION))


@contextmanager
def _gone_afterwards(lab: Lab, ports: Mapping[str, int]) -> Iterator[None]:
    try:
        yield
    finally:
        shutil.rmtree(lab.root)
    assert all(is_free(port) for port in ports.values()), f"somebody still listens on {ports}"


@contextmanager
def running(lab: Lab, spec: ProcessSpec) -> Iterator[None]:
    """Run a process until the block ends; what it says goes to a file beside its data."""
    lab.logs.mkdir(exist_ok=True)
    with lab.log(spec.name).open("wb") as log:
        process = subprocess.Popen(
            spec.argv, env={**os.environ, **spec.env}, cwd=spec.cwd, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(spec.stop_seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
