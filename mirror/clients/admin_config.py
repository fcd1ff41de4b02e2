"""The login of the source's administrator: librdkafka properties from a file or the environment.

Only the command cutover gets it, for as long as it runs. Nothing stores it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient

from mirror.clients.access import ClusterAccess
from mirror.clients.acls import Acls
from mirror.clients.connection import Errors, await_metadata
from mirror.problems import CouldNotConnect, CouldNotRun, one_line

VARIABLE = "REGION_MIRROR_SOURCE_ADMIN_CONFIG"
"""The properties themselves, one `name=value` a line, where no file is named."""
ABORT_SECONDS = 30.0
_WAY_OUT = "write librdkafka's properties, one a line: sasl.username=admin (see `--source-admin-config`)"


@dataclass(frozen=True, slots=True)
class AdminAccess(ClusterAccess):
    """The cluster of another access, with the properties of an administrator's login."""

    properties: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def client_config(self) -> dict[str, Any]:
        """Configuration for librdkafka."""
        return dict(self.properties)

    def describe(self) -> str:
        """Alias and address, for messages; the login is in the properties."""
        return f"{self.alias} at {self.bootstrap_servers} as its administrator"


class AdminLogin:
    """librdkafka properties with which an AdminClient logs in as an administrator; its connection is kept."""

    def __init__(self, properties: Mapping[str, str], origin: str) -> None:
        self._properties = dict(properties)
        self.origin = origin
        """The file or the variable, for messages."""
        self._acls: Acls | None = None

    def acls(self, source: ClusterAccess) -> Acls:
        """Log in to the source, at the first call. Its address and CA are those that MM2 uses, unless the
        properties name others. Raises CouldNotRun.
        """
        if self._acls is None:
            self._acls = Acls(self._connected(source), source)
        return self._acls

    def access(self, source: ClusterAccess) -> ClusterAccess:
        """Return this login as one of the source, for clients that need more than its ACLs."""
        same = {one.name: getattr(source, one.name) for one in fields(ClusterAccess)}
        return AdminAccess(**same, properties=self._config(source))

    def abort(self, transactional_id: str, source: ClusterAccess) -> None:
        """Abort the open transaction of an id, and fence its producer (InitProducerId with the same id ends
        the transaction in all its partitions). Raises CouldNotRun.
        """
        config = {**self._config(source), "transactional.id": transactional_id, "log_level": 0}
        try:
            Producer(config).init_transactions(ABORT_SECONDS)
        except KafkaException as error:
            raise CouldNotRun(
                f"aborting the transaction of {transactional_id} on {source.alias}",
                one_line(error.args[0].str()),
                f"the login in {self.origin} needs Write and Describe on this transactional id",
            ) from error

    def _config(self, source: ClusterAccess) -> dict[str, Any]:
        own_ca = any(name.startswith("ssl.ca.") for name in self._properties)
        base = {
            name: value
            for name, value in source.trust_config().items()
            if not (own_ca and name.startswith("ssl.ca."))
        }
        return {**base, **self._properties, "client.id": "region-mirror-cutover"}

    def _connected(self, source: ClusterAccess) -> AdminClient:
        errors = Errors()
        config = {**self._config(source), "error_cb": errors, "log_level": 0}
        way_out = f"check the administrator's login in {self.origin}"
        try:
            admin = AdminClient(config)
        except KafkaException as error:
            raise CouldNotRun(f"using {self.origin}", one_line(error.args[0].str()), _WAY_OUT) from error
        try:
            await_metadata(admin, source, errors)
        except CouldNotConnect as error:
            tried = f"connecting to Kafka cluster {source.alias} as its administrator"
            raise CouldNotConnect(tried, error.happened, way_out) from error
        return admin


def read_login(file: Path | None, environment: Mapping[str, str] = os.environ) -> AdminLogin | None:
    """Read the login from a file, else from the environment; None where neither names one. Raises
    CouldNotRun, whose message contains no value.
    """
    if file is not None:
        try:
            return AdminLogin(parsed(file.read_text(encoding="utf-8"), str(file)), str(file))
        except (OSError, UnicodeDecodeError) as error:
            raise CouldNotRun(f"reading {file}", one_line(error), "check --source-admin-config") from error
    if text := environment.get(VARIABLE):
        return AdminLogin(parsed(text, VARIABLE), VARIABLE)
    return None


def parsed(text: str, origin: str) -> dict[str, str]:
    """Parse `name=value` lines; empty lines and lines that begin with # are skipped. `\\n` in a value is a
    line break, for PEM texts. Raises CouldNotRun.
    """
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, separator, value = stripped.partition("=")
        if not separator or not name.strip():
            raise CouldNotRun(f"reading {origin}", f"line {number} is not name=value", _WAY_OUT)
        found[name.strip()] = value.strip().replace("\\n", "\n")
    if not found:
        raise CouldNotRun(f"reading {origin}", "it has no property", _WAY_OUT)
    return found
