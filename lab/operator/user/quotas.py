"""Client quotas of users in Kafka (QuotasOperator)."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """Reads the quotas from Kafka each time. Each thread keeps its connection: a TLS handshake with two
    certificates costs the broker more than a thousand requests do, and each user takes two in each full pass.
    """

    folder: Path
    """Where the administrator's key lies for TLS, readable by the owner alone."""
    _thread: threading.local = field(default_factory=threading.local, repr=False, compare=False)
    """`connection`: the thread's client and its connection, ready for the next request."""

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
        kept: tuple[KafkaClient, ssl.SSLSocket] | None = getattr(self._thread, "connection", None)
        if kept is not None and kept[0] == client:
            with contextlib.suppress(OSError):  # the broker may have been restarted since
                return self._answer(client, kept[1], request)
        elif kept is not None:
            kept[1].close()
        try:
            return self._answer(client, self._connect(client), request)
        except OSError as problem:
            what = f"asking {client.bootstrap_servers} for client quotas failed: {problem}"
            raise Failure("org.apache.kafka.common.errors.TimeoutException", what) from None

    def _answer(self, client: KafkaClient, connection: ssl.SSLSocket, request: bytes) -> bytes:
        """The answer to one request. The connection is kept, unless it failed: then it is closed."""
        self._thread.connection = None
        try:
            connection.sendall(request)
            length = struct.unpack(">i", _receive(connection, 4))[0]
            if not 0 <= length <= _LARGEST_RESPONSE:
                raise OSError(f"an answer of {length} bytes")
            answer = _receive(connection, length)
        except OSError:
            connection.close()
            raise
        self._thread.connection = (client, connection)
        return answer

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
