"""Client quotas of users in Kafka (QuotasOperator)."""

import socket
import ssl
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException

from lab.files import write_file
from lab.operator.failures import Failure
from lab.operator.user import quota_protocol as protocol
from lab.operator.user.access import KafkaClient
from lab.operator.user.kafka import failure_of
from mirror.clients.tls import trusting

_SECONDS = 30.0
_CONNECT_SECONDS = 5.0
_LARGEST_RESPONSE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class UserQuotas:
    """Reads what is there each time, so nothing has to be remembered."""

    folder: Path
    """Where the administrator's key lies for TLS, readable by the owner alone."""

    def reconcile(self, client: KafkaClient, username: str, desired: Mapping[str, float]) -> None:
        """Make the user's quotas those; none at all when `desired` is empty."""
        request = protocol.describe_request(username)
        current = protocol.describe_response(self._ask(client, request)).get(username, {})
        if current == dict(desired):
            return
        changes: dict[str, float | None] = {key: None for key in current if key not in desired}
        changes |= desired
        try:
            protocol.alter_response(self._ask(client, protocol.alter_request(username, changes)))
        except protocol.Refused as refused:
            error = KafkaError(refused.code, str(refused))
            raise failure_of(KafkaException(error)) from None

    def users(self, client: KafkaClient) -> set[str]:
        """The users that have quotas of their own."""
        return set(protocol.describe_response(self._ask(client, protocol.describe_request(None))))

    def _ask(self, client: KafkaClient, request: bytes) -> bytes:
        try:
            with self._connect(client) as connection:
                connection.sendall(request)
                length = struct.unpack(">i", _receive(connection, 4))[0]
                if not 0 <= length <= _LARGEST_RESPONSE:
                    raise OSError(f"an answer of {length} bytes")
                return _receive(connection, length)
        except OSError as problem:
            what = f"asking {client.bootstrap_servers} for client quotas failed: {problem}"
            raise Failure("org.apache.kafka.common.errors.TimeoutException", what) from None

    def _connect(self, client: KafkaClient) -> ssl.SSLSocket:
        identity = self.folder / "cluster-operator.pem"
        write_file(identity, client.key + client.certificate)
        context = trusting(client.authority)
        context.load_cert_chain(identity)
        problem = OSError("it names no server")
        for server in client.bootstrap_servers.split(","):
            host, _, port = server.strip().rpartition(":")
            try:
                plain = socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS)
                plain.settimeout(_SECONDS)
                return context.wrap_socket(plain, server_hostname=host)
            except OSError as refused:
                problem = refused
        raise problem


def _receive(connection: ssl.SSLSocket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        part = connection.recv(count - len(received))
        if not part:
            raise OSError("the connection ended in the middle of an answer")
        received += part
    return bytes(received)
