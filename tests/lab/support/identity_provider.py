"""An identity provider that issues tokens for a client id and a client secret (RFC 6749, 4.4)."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from lab.outside import tokens


@dataclass(frozen=True, slots=True)
class Client:
    """What a client of the provider was given."""

    token_endpoint: str
    client_id: str
    client_secret: str = field(repr=False)
    asked: list[str] = field(default_factory=list)
    """The scope of each token that was issued."""


@contextmanager
def identity_provider(folder: Path, user: str) -> Iterator[Client]:
    """Issue tokens for `user` while the block runs. `folder`: the PKI of the cluster that trusts them."""
    client_id, client_secret, asked = "region-mirror", secrets.token_hex(16), list[str]()
    expected = "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            granted = self.headers.get("Authorization") == expected
            granted = granted and form.get("grant_type") == ["client_credentials"]
            if granted:
                asked.append(form.get("scope", [""])[0])
                answer: dict[str, object] = {
                    "access_token": tokens.token(folder, user),
                    "token_type": "Bearer",
                    "expires_in": 600,
                }
            else:
                answer = {"error": "invalid_client"}
            body = json.dumps(answer).encode()
            self.send_response(200 if granted else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        endpoint = f"http://127.0.0.1:{server.server_port}/token"
        yield Client(endpoint, client_id, client_secret, asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
