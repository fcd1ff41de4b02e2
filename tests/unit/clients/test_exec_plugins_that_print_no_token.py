"""An exec plugin of a kubeconfig that answers with anything but a token is one message with the way out."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from mirror.clients.kubeconfig import open_api
from mirror.clients.kubernetes import Kubernetes
from mirror.problems import CouldNotConnect

KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "https://127.0.0.1:1"}}}}]
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
current-context: c
users: [{{name: u, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {plugin}}}}}}}]
"""
CERTIFICATE = '{"status": {"clientCertificateData": "-----BEGIN", "clientKeyData": "t0pS3cret"}}'


def kubeconfig(folder: Path, prints: str) -> Path:
    """A kubeconfig with a plugin that prints this."""
    plugin, answer = folder / "plugin", folder / "answer"
    answer.write_text(prints)
    plugin.write_text(f"#!/bin/sh\ncat {answer}\n")
    plugin.chmod(0o755)
    file = folder / "kubeconfig"
    file.write_text(KUBECONFIG.format(plugin=plugin))
    return file


@pytest.mark.parametrize("prints", [CERTIFICATE, '{"status": null}', "{}", "[]", "Open your browser", ""])
def test_no_token_is_no_error_of_our_own(tmp_path: Path, prints: str) -> None:
    """Teleport's `tsh` prints a client certificate (kubernetes/website#8826: token, certificate or both)."""
    with pytest.raises(CouldNotConnect) as caught:
        Kubernetes.connect(kubeconfig(tmp_path, prints)).secret("kafka", "password")
    assert caught.value.happened == "it printed no token"
    assert f"exec plugin {tmp_path}/plugin" in caught.value.tried
    assert "put the certificate into a kubeconfig" in caught.value.way_out
    assert "t0pS3cret" not in str(caught.value)


def test_a_plugin_that_is_not_installed_is_named(tmp_path: Path) -> None:
    """The way out was to check that the API runs."""
    file = kubeconfig(tmp_path, "")
    (tmp_path / "plugin").unlink()
    with pytest.raises(CouldNotConnect, match="No such file or directory") as caught:
        Kubernetes.connect(file).secret("kafka", "password")
    assert caught.value.way_out.startswith("run the plugin by hand")


def test_a_token_is_sent_and_asked_for_again_once_it_has_expired(tmp_path: Path) -> None:
    client, _ = open_api(kubeconfig(tmp_path, '{"status": {"token": "first"}}'))
    sent = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.headers["Authorization"])
        return httpx2.Response(200 if len(sent) != 2 else 401, json={})

    with client, httpx2.Client(auth=client.auth, transport=httpx2.MockTransport(answer)) as api:
        api.get("https://api/one")
        (tmp_path / "answer").write_text('{"status": {"token": "second"}}')
        assert api.get("https://api/two").status_code == 200
    assert sent == ["Bearer first", "Bearer first", "Bearer second"]
