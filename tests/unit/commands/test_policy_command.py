"""`region-mirror policy`: exit codes, output forms, and what a stack is compared with."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy.examples import MIRROR, SOUND, sound
from tests.unit.commands.stack_project import project_without_stacks
from tests.unit.support.command_line import Run, runner

STACK = """
config:
  region-mirror:source: {{alias: {source}, user: mirror-source,
    bootstrap_servers: "{source}.example.com:9094",
    credentials: {{ca: {{secure: x}}, password: {{secure: x}}}}}}
  region-mirror:target: {{alias: {target}, cluster: prod, namespace: kafka, listener: tls}}
  region-mirror:mirror: {{name: {source}-to-{target}, topics: ["{topics}"]}}
  region-mirror:workers: {{resources: {{requests: {{cpu: 1, memory: 1Gi}}, limits: {{memory: 1Gi}}}}}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return project_without_stacks(tmp_path, monkeypatch)


def stack(project: Path, source: str, target: str, topics: str = "events") -> None:
    text = STACK.format(source=source, target=target, topics=topics)
    (project / "stacks" / f"Pulumi.{target}.yaml").write_text(text)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch, "policy")


def test_a_sound_stack_is_0(run: Run, project: Path, capsys: Any) -> None:
    stack(project, "east", "west")
    assert run("--stack", "west") == 0
    out = capsys.readouterr().out
    assert out.startswith(" NO ERROR   west   0 errors, 0 warnings   40 rules, 1 KafkaMirrorMaker2 resource")


def test_another_stack_of_the_project_makes_a_circle(run: Run, project: Path, capsys: Any) -> None:
    stack(project, "east", "west")
    stack(project, "west", "east")
    assert run("--stack", "west", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["passed"]
    assert {(one["rule"], one["origin"], one["severity"]) for one in found["findings"]} == {
        ("no-circle", "west", "error")
    }
    assert set(found["findings"][0]) == {
        "rule", "severity", "origin", "kind", "name", "message", "reason", "source", "remedy", "waiver",
    }  # fmt: skip


def test_another_project_is_compared_by_the_policy_file(run: Run, project: Path, capsys: Any) -> None:
    stack(project, "east", "west")
    other = project / "other"
    (other / "stacks").mkdir(parents=True)
    stack(other, "west", "east")
    assert run("--stack", "west") == 0
    (project / "policy.yaml").write_text("compare_with: [other/stacks/*.yaml]")
    assert run("--stack", "west") == 1
    assert "no-circle" in capsys.readouterr().out
    (project / "policy.yaml").write_text("compare_with: [nowhere/*.yaml]")
    assert run("--stack", "west") == 2
    assert "nowhere/*.yaml matches no file" in capsys.readouterr().err


def test_a_broken_stack_beside_is_a_note(run: Run, project: Path, capsys: Any) -> None:
    stack(project, "east", "west")
    (project / "stacks" / "Pulumi.broken.yaml").write_text("config: {region-mirror:target: {}}")
    assert run("--stack", "west") == 0
    assert "Note: stack broken could not be compared" in capsys.readouterr().out


def test_files_of_another_team_are_judged(run: Run, tmp_path: Path, capsys: Any) -> None:
    wide = tmp_path / "wide.yaml"
    wide.write_text(yaml.safe_dump(sound(((*MIRROR, "topicsPattern"), ".*"))))
    assert run(wide, "--markdown") == 1
    out = capsys.readouterr().out
    assert out.startswith("### Policy: 2 errors, 0 warnings")
    assert "`topics-named`" in out
    assert run(wide, "--rule", "no-circle") == 0
    capsys.readouterr()


def test_standard_input_is_read(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    text = json.dumps({"kind": "List", "items": [SOUND]})
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert run("-") == 0
    assert "standard input" in capsys.readouterr().out


def test_a_waiver_is_shown(run: Run, tmp_path: Path, capsys: Any) -> None:
    wide = tmp_path / "wide.yaml"
    wide.write_text(yaml.safe_dump(sound(((*MIRROR, "topicsPattern"), ".*"))))
    policy = tmp_path / "ours.yaml"
    waiver = '- {rule: RULE, reason: "all topics move", expires: 2999-01-01}\n'
    policy.write_text(
        "waivers:\n"
        + "".join(waiver.replace("RULE", one) for one in ("topics-named", "other-systems-left-out"))
    )
    assert run(wide, "--policy", policy) == 0
    out = capsys.readouterr().out
    assert "2 waived" in out
    assert "topics-named: KafkaMirrorMaker2 kafka/east-to-west in" in out
    assert run(wide, "--policy", policy, "--markdown") == 0
    assert "<summary>Waived</summary>" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.yaml"], "No such file"),
        (["empty.yaml"], "the files contain no KafkaMirrorMaker2"),
        (["mm2.properties"], "`region-mirror import FILE` makes a stack file of it"),
        (["empty.yaml", "--stack", "west"], "exclude each other"),
        (["empty.yaml", "--rule", "no-cirle"], "there is no rule no-cirle"),
        (["empty.yaml", "--policy", "broken.yaml"], "'ruls' in the file is not known: did you mean rules?"),
        (["--stack", "nowhere"], "there is no stacks/Pulumi.nowhere.yaml"),
    ],
)
def test_what_could_not_be_judged_is_2(
    run: Run, project: Path, capsys: Any, arguments: list[str], said: str
) -> None:
    (project / "empty.yaml").write_text("kind: ConfigMap\nmetadata: {name: a}\n")
    (project / "broken.yaml").write_text("ruls: {}\n")
    (project / "mm2.properties").write_text("clusters = a, b\na->b.enabled = true\ntopics = .*\n")
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert said in " ".join(captured.err.split())
    assert captured.out == ""


def test_a_mirror_that_runs_as_a_connector_is_named(run: Run, tmp_path: Path, capsys: Any) -> None:
    """A circle through it was no circle, and nothing said that it was not looked at."""
    connector = {
        "kind": "KafkaConnector",
        "metadata": {"name": "back", "namespace": "kafka"},
        "spec": {
            "class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
            "config": {"source.cluster.alias": "west", "target.cluster.alias": "east"},
        },
    }
    file = tmp_path / "mirrors.yaml"
    file.write_text(yaml.safe_dump_all([connector, sound()]))
    assert run(file) == 0
    told = "KafkaConnector kafka/back in mirrors.yaml mirrors west -> east in a Connect of its own"
    assert told.replace("mirrors.yaml", str(file)) in " ".join(capsys.readouterr().out.split())
    file.write_text(yaml.safe_dump(connector))
    assert run(file) == 2
    assert "mirrors west -> east" in " ".join(capsys.readouterr().err.split())


def test_control_characters_of_a_manifest_reach_no_terminal(run: Run, tmp_path: Path, capsys: Any) -> None:
    evil = tmp_path / "evil.yaml"
    evil.write_text(yaml.safe_dump(sound(((*MIRROR, "topicsPattern"), ".*\x1b]0;x\x07"))))
    run(evil)
    assert "\x1b" not in capsys.readouterr().out


def test_one_mirror_of_a_stack_is_compared_with_the_others(run: Run, project: Path, capsys: Any) -> None:
    common = "{alias: west, cluster: prod, namespace: kafka, listener: tls}"
    text = f"config:\n  region-mirror:target: {common}\n  region-mirror:mirrors:\n"
    for number, name in enumerate(("one", "two")):
        source = f'{{alias: {name}, user: u, bootstrap_servers: "{name}.example.com:1"'
        secrets = "credentials: {ca: {secure: x}, password: {secure: x}}}"
        topics = ["orders", "'.*'"][number]
        policy = "replication_policy: default"
        text += f"    {name}: {{source: {source}, {secrets}, mirror: {{topics: [{topics}], {policy}}}}}\n"
    (project / "stacks" / "Pulumi.hub.yaml").write_text(text)
    assert run("--stack", "hub", "--mirror", "one", "--json") == 0
    assert json.loads(capsys.readouterr().out)["mirrors"] == 1
    assert run("--stack", "hub", "--mirror", "two", "--json") == 1
    assert run("--stack", "hub", "--mirror", "three") == 2


def test_a_file_is_not_compared_with_itself(run: Run, project: Path, capsys: Any) -> None:
    (project / "k8s").mkdir()
    (project / "k8s" / "mirror.yaml").write_text(yaml.safe_dump(SOUND))
    (project / "policy.yaml").write_text("compare_with: [k8s/*.yaml]")
    assert run("k8s/mirror.yaml") == 0
    assert run(project / "k8s") == 0
    capsys.readouterr()
