"""A Connect worker as a process of the test: what Strimzi would run, with files in the place of Secrets."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from lab.files import write_file
from lab.operator.mirror_maker2 import jvm
from lab.operator.mirror_maker2.connect_rest import PLAIN_HTTP
from lab.operator.mirror_maker2.names import TARGET_CERTIFICATES_KEY, certificates_key
from lab.operator.mirror_maker2.worker_config import log4j2_properties, worker_properties
from lab.processes import environment
from lab.toolchain.toolchain import Toolchain
from tests.lab.rights.mirrors import Mirror
from tests.lab.rights.users import User
from tests.lab.support.lab import Regions

_PLACEHOLDER = re.compile(r"\$\{strimzisecrets:[^/}]+/([^:}]+):([^}]+)\}")
PROCESS_PREFIX = "test-"
_REST_SECONDS = 20.0
_STOP_SECONDS = 15.0


@dataclass
class Worker:
    """One worker with one or several mirrors, which share Connect's group and topics.

    It is the lab's by its environment, so `python -m lab down` ends it where a killed test could not.
    """

    regions: Regions
    folder: Path
    mirrors: Sequence[Mirror]
    user: User
    readers: Mapping[str, User]
    """The source's users by the source's alias."""
    port: int = field(default_factory=lambda: _free_port())
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _starts: int = 0

    def start(self) -> None:
        """Start the process, with a log of its own; it is not waited for."""
        assert not self.running
        self._write()
        self._starts += 1
        tools = Toolchain.load()
        argv = [
            str(tools.java),
            *jvm.options({}),
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
            "-cp",
            f"{tools.kafka_libs}/*",
            "org.apache.kafka.connect.cli.ConnectDistributed",
            str(self.folder / "worker.properties"),
        ]
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                argv,
                cwd=self.folder,
                env={
                    **os.environ,
                    **environment(self.regions.lab, f"{PROCESS_PREFIX}{self.folder.name}", "test"),
                    "ADVERTISED_HOSTNAME": "localhost",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, *, kill: bool = False) -> None:
        """End the process; fine when it has ended by itself."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.kill() if kill else process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether it takes part in its group and has read Connect's topics (KIP-1017: GET /health)."""
        answer = self.ask("GET", "/health")
        return answer is not None and answer.status_code == 200

    @property
    def log(self) -> str:
        """What the latest process has said."""
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def said(self, pattern: str) -> bool:
        """Whether the log holds a match."""
        return re.search(pattern, self.log) is not None

    def ask(self, method: str, path: str, body: Any = None, *, seconds: float = _REST_SECONDS) -> Any:
        """Connect's answer; None when there is none in time."""
        url = f"http://127.0.0.1:{self.port}{path.replace('->', '%2D%3E')}"
        with contextlib.suppress(httpx.HTTPError):
            return httpx.request(method, url, json=body, timeout=seconds, trust_env=False, verify=PLAIN_HTTP)
        return None

    def create_connectors(self, mirror: Mirror, *, seconds: float = _REST_SECONDS) -> list[str]:
        """Ask for the mirror's connectors; what was not created, and why."""
        refused = []
        for connector in mirror.connectors():
            creation = json.loads(self._with_files(json.dumps(connector.creation)))
            deadline = time.monotonic() + seconds
            while True:
                answer = self.ask("POST", "/connectors", creation, seconds=seconds)
                if answer is None or answer.status_code != 409 or "already exists" in answer.text:
                    break
                if time.monotonic() > deadline:
                    break
                time.sleep(0.3)  # Connect rebalances
            exists = answer is not None and "already exists" in answer.text
            if not exists and (answer is None or answer.status_code != 201):
                why = "no answer" if answer is None else f"{answer.status_code} {answer.text}"
                refused.append(f"{connector.name}: {why}")
        return refused

    def tasks(self, connector: str) -> dict[int, tuple[str, str]]:
        """State and trace of each task; empty when Connect knows none."""
        answer = self.ask("GET", f"/connectors/{connector}/status")
        if answer is None or answer.status_code != 200:
            return {}
        return {one["id"]: (one["state"], one.get("trace", "")) for one in answer.json()["tasks"]}

    def restart(self, connector: str, *, only_failed: bool = True) -> None:
        """Restart the connector and its tasks."""
        query = f"includeTasks=true&onlyFailed={str(only_failed).lower()}"
        self.ask("POST", f"/connectors/{connector}/restart?{query}")

    @property
    def _log_path(self) -> Path:
        return self.folder / f"worker-{self._starts}.log"

    def _with_files(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: f"${{strimzidir:{self.folder}/{match[1]}:{match[2]}}}", text)

    def _write(self) -> None:
        first = self.mirrors[0]
        (self.folder / "plugins").mkdir(parents=True, exist_ok=True)
        for name, content in self._secrets().items():
            write_file(self.folder / name, content)
        overrides = {
            "listeners": f"http://127.0.0.1:{self.port}",
            "rest.advertised.port": str(self.port),
            "plugin.path": str(self.folder / "plugins"),
            "plugin.discovery": "service_load",
            "config.providers": "strimzienv,strimzidir",
            "config.providers.strimzidir.param.allowed.paths": str(self.folder),
        }
        text = self._with_files(worker_properties(first.spec(), first.operator_names))
        text += "".join(f"{key}={value}\n" for key, value in overrides.items())
        write_file(self.folder / "worker.properties", text)
        write_file(self.folder / "log4j2.properties", log4j2_properties(first.spec()))

    def _secrets(self) -> dict[str, str]:
        """What the Secrets that the placeholders name would hold, by path."""
        lab = self.regions.lab
        trusted = {region: (lab.pki(region) / "cluster-ca.crt").read_text() for region in ("east", "west")}
        files = {}
        for mirror in self.mirrors:
            trust, aliases = mirror.operator_names.trusted_certificates, mirror.settings
            files[f"{trust}/{TARGET_CERTIFICATES_KEY}"] = trusted["west"]
            files[f"{trust}/{certificates_key(aliases.target.alias)}"] = trusted["west"]
            files[f"{trust}/{certificates_key(aliases.source.alias)}"] = trusted["east"]
            reader = self.readers[aliases.source.alias]
            for secret, user in (
                (mirror.names.mirror_user, self.user),
                (mirror.names.source_user_secret, reader),
            ):
                files[f"{secret}/user.crt"], files[f"{secret}/user.key"] = (
                    user.pair.certificate,
                    user.pair.key,
                )
        return files


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
