"""The exporter's HTTP server: `/metrics` for Prometheus, `/healthz` for the kubelet or a supervisor.

Plain HTTP for a trusted network: the responses hold names of topics and groups, but no secret.
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
    """Return the WSGI application; a request reads the watchers' samples and never contacts a cluster."""
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
                        start_response, "503 Service Unavailable", f"no look finishes: {', '.join(unwell)}"
                    )
                return _text(start_response, "200 OK", "ok")
        return _text(start_response, "404 Not Found", "not found; the paths are /metrics and /healthz")

    return answer


def _text(start_response: Any, status: str, text: str) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{text}\n".encode()]


class _Quiet(WSGIRequestHandler):
    """Logs no requests: a line for each scrape would bury the messages about failures."""

    timeout = 30
    """Seconds until a silent client is disconnected."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Server6(_Server):
    address_family = socket.AF_INET6


def serve_metrics(watchers: Sequence[Watcher], host: str, port: int) -> WSGIServer:
    """Listen; port 0 takes a free one. Raises CouldNotRun if the address cannot be used."""
    kind = _Server6 if ":" in host else _Server
    try:
        return make_server(host, port, application(watchers), server_class=kind, handler_class=_Quiet)
    except (OSError, OverflowError) as error:
        raise CouldNotRun(
            f"listening on {host}:{port}", str(error), "choose another address with --listen HOST:PORT"
        ) from error
