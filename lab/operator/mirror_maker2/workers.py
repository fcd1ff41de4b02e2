"""Connect workers as processes of the lab: what a StrimziPodSet and its Pods are in a cluster.

One at a time is changed, those that are not ready first, and each has to be ready before the next one
(KafkaConnectRoller). A worker runs exactly the ConfigMap's text plus what only a Pod need not be told.
"""

import contextlib
import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx

from lab import processes
from lab.files import write_file
from lab.layout import Lab
from lab.operator.failures import timed_out
from lab.operator.mirror_maker2 import jvm, metrics
from lab.operator.mirror_maker2.connect_rest import PLAIN_HTTP
from lab.operator.mirror_maker2.names import Names
from lab.operator.mirror_maker2.tokens import PodToken
from lab.operator.properties import parse
from lab.ports import reserve

log = logging.getLogger(__name__)

PROPERTIES = "kafka-connect.properties"
LOGGING = "log4j2.properties"
_PORT, _CONFIGURATION, _AUTHENTICATION = "LAB_REST_PORT", "LAB_CONFIGURATION_HASH", "LAB_AUTH_HASH"
METRICS_PORT = "LAB_METRICS_PORT"
"""Where the metrics of a worker are, if it has any."""
_OVERRIDES, _PLUGINS = "LAB_OVERRIDES_HASH", "plugins"
_CLUSTERS = "KAFKA_MIRRORMAKER_2_CLUSTERS"
"""A variable of Strimzi's pods. Nothing reads it, but pods whose variables change are restarted."""
_NAMESPACE, _NAME = "LAB_NAMESPACE", "LAB_MIRROR_MAKER2"
_POLL_SECONDS = 0.5


class Tools(Protocol):
    """The programs that a worker needs."""

    @property
    def java(self) -> Path:
        """The `java` command."""

    @property
    def kafka_libs(self) -> Path:
        """The folder of Kafka's jars."""


@dataclass(frozen=True, slots=True)
class Desired:
    """What the workers of one KafkaMirrorMaker2 shall be."""

    replicas: int
    files: Mapping[str, str]
    """The data of the ConfigMap."""
    configuration_hash: str
    authentication_hash: str
    clusters: str
    """The aliases of the target and of each mirror's source (KafkaMirrorMaker2Cluster.getEnvVars)."""
    jvm_options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Workers:
    """The Connect workers of one region."""

    lab: Lab
    region: str
    tools: Tools
    operation_seconds: float
    """How long a worker may take to be ready (STRIMZI_OPERATION_TIMEOUT_MS)."""

    def reconcile(self, names: Names, desired: Desired, token: PodToken) -> None:
        """Scale, then roll what has to change; a StrimziTimeoutException when a worker does not get ready."""
        wanted = [self._process(names, index) for index in range(desired.replicas)]
        declared = self._declared(names)
        for process in declared.keys() - set(wanted):
            log.info("scaling down: %s", process)
            processes.withdraw(self.lab, process)
        for process in wanted:
            token.ensure(self._folder(names, process) / "kubeconfig")
            if rules := desired.files.get(metrics.CONFIG_KEY):  # the agent reads them again
                write_file(self._folder(names, process) / metrics.CONFIG_KEY, rules)
            if process not in declared:
                log.info("starting %s", process)
                self._declare(names, process, desired)
        current = self._declared(names)
        specs = {process: self._spec(names, process, desired) for process in wanted}
        ready = {process: self.is_ready(process) for process in wanted}
        for process in by_readiness(ready, wanted):
            changed = current[process].digest != specs[process].digest
            if changed:
                log.info("rolling %s: %s", process, _reasons(current[process], specs[process]))
                self._declare(names, process, desired)
            if changed or not ready[process]:
                self._wait_until_ready(names, process)

    def rest_urls(self, names: Names) -> list[str]:
        """Where the workers' REST API is."""
        return [_url(spec) for spec in self._declared(names).values()]

    def withdraw(self, names: Names) -> None:
        """Stop all workers; what they wrote to Kafka stays."""
        for process in self._declared(names):
            log.info("stopping %s", process)
            processes.withdraw(self.lab, process)

    def known(self) -> list[Names]:
        """Every KafkaMirrorMaker2 of the region that has a worker declared, existing or not."""
        found = {
            (spec.env[_NAMESPACE], spec.env[_NAME])
            for process, spec in processes.declared(self.lab).items()
            if _NAME in spec.env and process.startswith(f"{self.region}-")
        }
        return [Names(namespace, name) for namespace, name in sorted(found)]

    def is_ready(self, process: str) -> bool:
        """Whether what is declared runs, and answers GET /health."""
        spec, running = processes.declared(self.lab).get(process), processes.find(self.lab, process)
        if spec is None or running is None or processes.digest_of(running) != spec.digest:
            return False
        with contextlib.suppress(httpx.HTTPError):
            url = f"{_url(spec)}/health"
            return httpx.get(url, timeout=5.0, trust_env=False, verify=PLAIN_HTTP).status_code == 200
        return False

    def _wait_until_ready(self, names: Names, process: str) -> None:
        deadline = time.monotonic() + self.operation_seconds
        while not self.is_ready(process):
            if time.monotonic() > deadline:
                pod = names.pod(int(process.rpartition("-")[2]))
                what = f"Pods resource {pod} in namespace {names.namespace}"
                raise timed_out(self.operation_seconds, what)
            time.sleep(_POLL_SECONDS)

    def _process(self, names: Names, index: int) -> str:
        return f"{self.region}-{names.namespace}-{names.pod(index)}"

    def _folder(self, names: Names, process: str) -> Path:
        return self.lab.connect(self.region) / names.namespace / names.name / process.rpartition("-")[2]

    def _declared(self, names: Names) -> dict[str, processes.ProcessSpec]:
        own = {_NAMESPACE: names.namespace, _NAME: names.name}
        return {
            process: spec
            for process, spec in processes.declared(self.lab).items()
            if own.items() <= spec.env.items() and process.startswith(f"{self.region}-")
        }

    def _port(self, process: str, variable: str = _PORT) -> str:
        """The port in the process's declaration; one that is free when there is none yet."""
        spec = processes.read_spec(processes.spec_path(self.lab, process))
        kept = spec.env.get(variable) if spec is not None else None
        name = process if variable == _PORT else f"{process}-metrics"
        return kept or str(reserve(self.lab, [name])[name])

    def _declare(self, names: Names, process: str, desired: Desired) -> None:
        spec, folder = self._spec(names, process, desired), self._folder(names, process)
        (folder / _PLUGINS).mkdir(parents=True, exist_ok=True)
        write_file(folder / PROPERTIES, desired.files[PROPERTIES] + _overrides(folder, spec.env, desired))
        write_file(folder / LOGGING, desired.files[LOGGING])
        processes.declare(self.lab, spec)

    def _spec(self, names: Names, process: str, desired: Desired) -> processes.ProcessSpec:
        folder, ports = self._folder(names, process), {_PORT: self._port(process)}
        exporter = metrics.CONFIG_KEY in desired.files
        if exporter or metrics.in_the_lab(parse(desired.files[PROPERTIES]), 0):
            ports[METRICS_PORT] = self._port(process, METRICS_PORT)
        libs, rules = Path(self.tools.kafka_libs), folder / metrics.CONFIG_KEY
        return processes.ProcessSpec(
            name=process,
            argv=(
                str(self.tools.java),
                *jvm.options(desired.jvm_options),
                *([metrics.agent(libs, rules, ports[METRICS_PORT])] if exporter else []),
                f"-Dlog4j2.configurationFile={folder / LOGGING}",
                "-cp",
                f"{self.tools.kafka_libs}/*",
                "org.apache.kafka.connect.cli.ConnectDistributed",
                str(folder / PROPERTIES),
            ),
            env={
                "ADVERTISED_HOSTNAME": "localhost",
                "KUBECONFIG": str(folder / "kubeconfig"),
                _NAMESPACE: names.namespace,
                _NAME: names.name,
                **ports,
                _CONFIGURATION: desired.configuration_hash,
                _OVERRIDES: _digest(_overrides(folder, ports, desired)),
                _AUTHENTICATION: desired.authentication_hash,
                _CLUSTERS: desired.clusters,
            },
            cwd=str(folder),
            stop_seconds=30.0,
            stage=processes.Stage.CLIENT,
        )


def _overrides(folder: Path, ports: Mapping[str, str], desired: Desired) -> str:
    """What a process has to be told and a Pod has not; in Java properties the last of two lines wins."""
    given = parse(desired.files[PROPERTIES])
    lines = {
        "listeners": f"http://127.0.0.1:{ports[_PORT]}",
        "rest.advertised.port": ports[_PORT],
        "plugin.path": str(folder / _PLUGINS),
        "plugin.discovery": "service_load",  # all of Kafka's plugins allow it; a scan takes seconds
        "config.providers.strimzidir.param.allowed.paths": str(folder),
    } | metrics.in_the_lab(given, int(ports.get(METRICS_PORT, 0)))
    text = "".join(f"{key}={value}\n" for key, value in lines.items())
    return f"\n# The lab's own, since this worker is no Pod\n{text}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _url(spec: processes.ProcessSpec) -> str:
    return f"http://127.0.0.1:{spec.env[_PORT]}"


def _reasons(current: processes.ProcessSpec, spec: processes.ProcessSpec) -> str:
    reasons = {
        _CONFIGURATION: "configuration",
        _AUTHENTICATION: "credentials or certificates",
        _CLUSTERS: "list of clusters",
    }
    changed = [text for key, text in reasons.items() if current.env.get(key) != spec.env[key]]
    changed += ["the command"] if current.argv != spec.argv else []
    return ", ".join(changed or ["its surroundings"]) + " changed"


def by_readiness(ready: Mapping[str, bool], wanted: Sequence[str]) -> list[str]:
    """KafkaConnectRoller.prepareRollingOrder: the unready ones first, the last of them at the front."""
    unready = [process for process in reversed(wanted) if not ready[process]]
    return [*unready, *(process for process in wanted if ready[process])]
