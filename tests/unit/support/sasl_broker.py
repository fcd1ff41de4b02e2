"""A broker that takes one SASL login and keeps what was sent: Kafka's protocol as far as the login."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_API_VERSIONS, _HANDSHAKE, _AUTHENTICATE, _METADATA = 18, 17, 36, 3
_UNSUPPORTED_VERSION, _AUTHENTICATION_FAILED = 35, 58
_SERVED = ((_METADATA, 0, 4), (_HANDSHAKE, 0, 1), (_API_VERSIONS, 0, 0), (_AUTHENTICATE, 0, 1))


@dataclass(slots=True)
class Logins:
    """What clients have sent. `token`: waits for the first one."""

    address: str
    mechanisms: list[str] = field(default_factory=list)
    tokens: list[bytes] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    def token(self, seconds: float = 20.0) -> bytes:
        """The first SASL message of a client."""
        assert self.arrived.wait(seconds), "no client has logged in"
        return self.tokens[0]


@contextmanager
def sasl_broker(mechanism: str) -> Iterator[Logins]:
    """Serve one mechanism on this machine, without TLS; every login is refused once it was kept."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        logins = Logins(f"127.0.0.1:{server.getsockname()[1]}")
        server.settimeout(0.2)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=_serve, args=(connection, mechanism, logins), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield logins
        finally:
            ended.set()
            thread.join(5)


def _serve(connection: socket.socket, mechanism: str, logins: Logins) -> None:
    # A client that ends resets its connection.
    with suppress(OSError), connection, connection.makefile("rb") as stream:
        while len(size := stream.read(4)) == 4:
            request = stream.read(struct.unpack(">i", size)[0])
            api, version, correlation, client = struct.unpack(">hhih", request[:10])
            body = request[10 + max(client, 0) :]
            answer = _answer(api, version, body, mechanism, logins)
            if answer is None:
                return
            connection.sendall(struct.pack(">ii", len(answer) + 4, correlation) + answer)


def _answer(api: int, version: int, body: bytes, mechanism: str, logins: Logins) -> bytes | None:
    if api == _API_VERSIONS:
        code = _UNSUPPORTED_VERSION if version else 0
        served = b"".join(struct.pack(">hhh", *one) for one in _SERVED)
        return struct.pack(">hi", code, len(_SERVED)) + served
    if api == _HANDSHAKE:
        logins.mechanisms.append(_text(body))
        name = mechanism.encode()
        return struct.pack(">hih", 0, 1, len(name)) + name
    if api == _AUTHENTICATE:
        logins.tokens.append(body[4 : 4 + struct.unpack(">i", body[:4])[0]])
        logins.arrived.set()
        reason = b"kept and refused"
        answer = struct.pack(">hh", _AUTHENTICATION_FAILED, len(reason)) + reason + struct.pack(">i", 0)
        return answer + (struct.pack(">q", 0) if version else b"")
    return None


def _text(body: bytes) -> str:
    (length,) = struct.unpack(">h", body[:2])
    return body[2 : 2 + length].decode()
