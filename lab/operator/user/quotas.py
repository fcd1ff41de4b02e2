"""Client quotas of users, through Kafka's own command line tool: confluent-kafka has no call for them.

Each run costs a Java start, so what is there is read once, then only now and then while any quota is about
(Strimzi's QuotasOperator keeps such a cache too).
"""

import re
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.files import write_file
from lab.operator.failures import runtime
from lab.operator.properties import print_pairs
from lab.operator.user.access import KafkaClient
from lab.operator.user.model import QUOTAS

_REFRESH_SECONDS = 120.0
_TOOL_SECONDS = 60.0
_LINE = re.compile(r"Quota configs for user-principal '(?P<user>.*)' are (?P<quotas>.*)")
_LOGGING = (
    "appender.console.type=Console\nappender.console.name=STDERR\nappender.console.target=SYSTEM_ERR\n"
    "appender.console.layout.type=PatternLayout\nappender.console.layout.pattern=%p %m%n\n"
    "rootLogger.level=ERROR\nrootLogger.appenderRefs=console\nrootLogger.appenderRef.console.ref=STDERR\n"
)

Quotas = Mapping[str, float]


@dataclass(slots=True)
class QuotaTool:
    """Runs `kafka-configs`; safe to share between threads."""

    java: Path
    kafka_libs: Path
    folder: Path
    """Where its configuration goes, readable by the owner alone."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: dict[str, Quotas] | None = None
    _read_at: float = 0.0

    def reconcile(self, client: KafkaClient, username: str, desired: Quotas) -> None:
        """Make the user's quotas those; none at all when `desired` is empty."""
        with self._lock:
            known = self._load(client)
            current = known.get(username, {})
            if dict(current) == dict(desired):
                return
            change = ["--alter", "--entity-type", "users", "--entity-name", username]
            if desired:
                change += ["--add-config", ",".join(f"{key}={_number(v)}" for key, v in desired.items())]
            gone = [key for key in current if key not in desired]
            if gone:
                change += ["--delete-config", ",".join(gone)]
            self._run(client, change)
            known.pop(username, None)
            if desired:
                known[username] = dict(desired)

    def users(self, client: KafkaClient) -> set[str]:
        """The users that have quotas of their own."""
        with self._lock:
            return set(self._load(client))

    def _load(self, client: KafkaClient) -> dict[str, Quotas]:
        age = time.monotonic() - self._read_at
        if self._known is None or (self._known and age > _REFRESH_SECONDS):
            self._known = parse(self._run(client, ["--describe", "--entity-type", "users"]))
            self._read_at = time.monotonic()
        return self._known

    def _run(self, client: KafkaClient, arguments: Sequence[str]) -> str:
        config, logging = self.folder / "quota-tool.properties", self.folder / "quota-tool-log4j2.properties"
        write_file(config, print_pairs(client.java_properties))
        write_file(logging, _LOGGING)
        command = [
            str(self.java),
            *("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            f"-Dlog4j2.configurationFile={logging}",
            *("-cp", f"{self.kafka_libs}/*", "kafka.admin.ConfigCommand"),
            *("--bootstrap-server", client.bootstrap_servers, "--command-config", str(config)),
            *arguments,
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_TOOL_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise runtime(f"kafka-configs did not run: {type(problem).__name__}") from None
        if done.returncode != 0:
            lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
            raise runtime(f"kafka-configs failed: {lines[0] if lines else 'it says nothing'}")
        return done.stdout


def parse(text: str) -> dict[str, Quotas]:
    """The quotas in the output of `kafka-configs --describe --entity-type users`, by user."""
    found: dict[str, Quotas] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match is not None:
            pairs = [pair.partition("=") for pair in match["quotas"].split(",")]
            quotas = {key.strip(): float(value) for key, _, value in pairs if key.strip() in QUOTAS.values()}
            if quotas:
                found[match["user"]] = quotas
    return found


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)
