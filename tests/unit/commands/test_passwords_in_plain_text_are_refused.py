"""A stack file with a password in plain text: every command refuses it and does not repeat the password."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror.commands.stack_files import choose
from mirror.problems import CouldNotRun
from tests.unit.commands.stack_project import project_with_two_stacks

PLAIN = """
config:
  infra:source:
    alias: msk
    user: mirror
    bootstrap_servers: b-1.example.com:9096
    credentials: {public_ca: true, password: hunter2, certificate: {secure: "v1:x"}}
  infra:target: {alias: west, cluster: west, namespace: kafka, listener: mtls, authentication: tls}
  infra:mirror: {name: m, topics: [orders]}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return project_with_two_stacks(tmp_path, monkeypatch)


def test_a_password_in_plain_text_is_refused_by_every_command(project: Path) -> None:
    file = project / "stacks" / "Pulumi.dev.yaml"
    file.write_text(PLAIN)
    with pytest.raises(CouldNotRun) as caught:
        choose("dev", None)
    message = str(caught.value)
    assert "source.credentials.password: is stored in plain text in the stack file" in message
    assert "pulumi config set --secret --path region-mirror:source.credentials.password" in message
    assert "hunter2" not in message


def test_it_is_reported_beside_all_other_problems(project: Path) -> None:
    file = project / "stacks" / "Pulumi.dev.yaml"
    file.write_text(PLAIN.replace("topics: [orders]", "topics: []"))
    with pytest.raises(CouldNotRun) as caught:
        choose("dev", None)
    assert "mirror.topics" in str(caught.value)
    assert "source.credentials.password: is stored in plain text" in str(caught.value)
