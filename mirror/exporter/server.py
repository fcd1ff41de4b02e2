"""The exporter's HTTP: `/metrics` for Prometheus, `/healthz` for who restarts it. Plain HTTP, for a network
that is trusted: names of topics and groups are in it, and nothing that is secret.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Sequence
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from mirror.exporter.collector import MirrorCollector
from mirror.exporter.watcher import Watcher
from mirror.problems import CouldNotRun

App = Callable[[dict[str, Any], Any], Iterable[bytes]]


def application(watchers: Sequence[Watcher]) -> App:
    """WSGI: reads what the watchers keep, and makes nobody look."""
    registry = CollectorRegistry()
    registry.register(MirrorCollector(watchers))
    metrics: App = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/metrics":
                return metrics(environ, start_response)
            case "/healthz":
                unwell = [one.mirror for one in watchers if not one.well]
                if unwell:
                    return _text(
                        start_response, "503 Service Unavailable", f"no look ends: {', '.join(unwell)}"
                    )
                return _text(start_response, "200 OK", "ok")
        return _text(start_response, "404 Not Found", "there are /metrics and /healthz")

    return answer


def _text(start_response: Any, status: str, text: str) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{text}\n".encode()]


class _Quiet(WSGIRequestHandler):
    """A line a scrape would bury what has to be read."""

    timeout = 30
    """Seconds that a client may be silent."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Server6(_Server):
    address_family = socket.AF_INET6


def serve_metrics(watchers: Sequence[Watcher], host: str, port: int) -> WSGIServer:
    """Listen. Raises CouldNotRun where that cannot be; port 0 takes a free one."""
    kind = _Server6 if ":" in host else _Server
    try:
        return make_server(host, port, application(watchers), server_class=kind, handler_class=_Quiet)
    except (OSError, OverflowError) as error:
        raise CouldNotRun(
            f"listening on {host}:{port}", str(error), "choose another address with --listen HOST:PORT"
        ) from error
