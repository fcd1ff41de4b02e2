"""`python -m mirror source-user`: what is printed can be applied, or run by a shell, as it is."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.unit.support.command_line import Run, runner

STRIMZI = """
config:
  region-mirror:source: {alias: east, cluster: prod, namespace: kafka, listener: scram, user: mirror-source}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls, authentication: tls}
  region-mirror:mirror: {name: east-to-west, topics: [orders]}
"""
PLAIN = """
config:
  region-mirror:source:
    alias: cloud
    bootstrap_servers: "pkc.example:9092"
    user: APIKEY
    authentication: plain
    credentials: {public_ca: true, password: {secure: v1:x}}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls, authentication: tls}
  region-mirror:mirror: {name: cloud-to-west, topics: ['.*']}
"""
TWO_OF_ONE_SOURCE = """
config:
  region-mirror:source: {alias: east, cluster: prod, namespace: kafka, listener: scram, user: mirror-source}
  region-mirror:mirrors:
    one:
      target: {alias: west, cluster: west, namespace: kafka, context: w, listener: mtls, authentication: tls}
      mirror: {topics: [orders]}
    two:
      target: {alias: south, cluster: s, namespace: kafka, context: s, listener: mtls, authentication: tls}
      mirror: {topics: [payments]}
"""

FAKE_TOOL = """\
#!/bin/sh
printf '%s\\n' "$0 $*" >> "$LOG"
for last; do :; done
if [ -f "$last" ]; then cat "$last"; stat -c %a "$last"; echo "$last" > "$LOG.path"; fi >> "$LOG"
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    def start(stack: str, *arguments: str) -> int:
        file = tmp_path / "Pulumi.x.yaml"
        file.write_text(stack)
        return runner(monkeypatch, "source-user", "--config-file", file)(*arguments)

    return start


def test_a_kafka_user(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(STRIMZI, "--api-version", "v1beta2") == 0
    (made,) = yaml.safe_load_all(capsys.readouterr().out)
    assert made["apiVersion"] == "kafka.strimzi.io/v1beta2"
    assert made["metadata"] == {
        "name": "mirror-source", "namespace": "kafka", "labels": {"strimzi.io/cluster": "prod"}
    }  # fmt: skip
    assert made["spec"]["authentication"] == {"type": "scram-sha-512"}


def test_two_mirrors_of_one_source_share_a_user(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(TWO_OF_ONE_SOURCE) == 0
    out = capsys.readouterr().out
    (made,) = yaml.safe_load_all(out)
    topics = [acl["resource"]["name"] for acl in made["spec"]["authorization"]["acls"]]
    assert topics == ["orders", "*", "payments"]
    assert "mirror one, two" in out


def test_a_shell_runs_the_commands(run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Fake tools write down what they are given, and what the file with the password holds."""
    for tool in ("kafka-configs.sh", "kafka-acls.sh"):
        path = tmp_path / tool
        path.write_text(FAKE_TOOL)
        path.chmod(0o700)
    assert run(STRIMZI, "--kafka-acls", "--bootstrap-server", "k:9093") == 0
    log = tmp_path / "log"
    subprocess.run(
        ["bash", "-e", "-c", capsys.readouterr().out],
        input=b'pw with space, "quotes", \\back\\\\slashes\\n and $(dollars)\n',
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "LOG": str(log)},
        check=True,
    )
    lines = log.read_text().splitlines()
    assert "--entity-name mirror-source" in lines[0]
    written = r'SCRAM-SHA-512=password=pw with space, "quotes", \\back\\\\slashes\\n and $(dollars)'
    assert lines[1:3] == [written, "600"], "in a properties file, two backslashes are one"
    assert "--bootstrap-server k:9093" in lines[3]
    assert "--allow-principal User:mirror-source" in lines[3]
    assert not Path((tmp_path / "log.path").read_text().strip()).exists()


def test_a_source_that_is_no_strimzi_gets_commands(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(PLAIN) == 0
    out = capsys.readouterr().out
    assert "kafka-configs.sh" not in out  # PLAIN users are made elsewhere
    assert "kafka-acls.sh --bootstrap-server pkc.example:9092" in out
    assert "--principal" not in out.replace("--allow-principal", "")


def test_a_principal_of_the_brokers_own(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(PLAIN, "--principal", "User:sa-12345") == 0
    assert "--allow-principal User:sa-12345" in capsys.readouterr().out


def test_a_wrong_stack_file(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("config: {region-mirror:source: {alias: east}}") == 2
    assert "source.user" in capsys.readouterr().err


MSK = """\
config:
  region-mirror:source:
    alias: msk
    user: mirror
    bootstrap_servers: b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com:9098
    authentication: aws-msk-iam
    msk_iam: {region: eu-west-1}
    credentials: {public_ca: true}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls}
  region-mirror:mirror: {name: msk-to-west, topics: [orders]}
  region-mirror:workers: {image: "registry.example.com/kafka-with-msk-iam:4.3.1"}
"""


def test_an_aws_identity_gets_an_iam_policy(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(MSK) == 0
    out = capsys.readouterr().out
    text = "\n".join(line for line in out.splitlines() if not line.startswith("#"))
    first, *_ = json.loads(text)["Statement"]
    assert first["Action"] == ["kafka-cluster:Connect"]
    assert "kafka-acls.sh" not in out
