"""`region-mirror import`: the stack file on stdout, the differences on stderr, else one clear message."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mirror.clients.kubernetes import Kubernetes
from mirror.importing.java_properties import parse
from tests.unit.importing.test_public_mirrors_become_stack_files import FOLDER
from tests.unit.support.command_line import runner
from tests.unit.support.fake_kubernetes import FakeKubernetes

Run = Callable[..., tuple[int, str, str]]
NAMED = ("--target-cluster=west", "--target-namespace=kafka", "--target-listener=tls")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def start(*arguments: object) -> tuple[int, str, str]:
        code = runner(monkeypatch, "import")(*arguments)
        printed = capsys.readouterr()
        return code, printed.out, " ".join(printed.err.split())

    return start


def test_the_stack_file_is_on_stdout_and_the_differences_are_not(run: Run) -> None:
    code, out, err = run(FOLDER / "cloud-source.yaml")
    assert code == 0
    config = yaml.safe_load(out)["config"]
    assert config["region-mirror:source"]["credentials"] == {
        "secret_ref": {"name": "cloud-api-key", "password_key": "secret"}, "public_ca": True,
    }  # fmt: skip
    assert config["region-mirror:mirror"]["group_id"] == "cloud-to-own"
    assert "Default in the mirror, set by region-mirror:" in err


def test_what_is_not_kept_is_1(run: Run) -> None:
    code, out, err = run(FOLDER / "rejected-config.yaml")
    assert code == 1
    assert "errors.tolerance: all -> not set breaks the no-loss rule errors-tolerance" in err
    assert "errors.tolerance" not in out
    assert "5ecr3t" not in out + err


def test_what_has_to_be_filled_in_is_1(run: Run) -> None:
    code, out, err = run(FOLDER / "client-certificates.yaml", *NAMED)
    assert code == 1
    assert "# To do: source.user: mm2-us is assumed" in out
    assert "to do: source.user: mm2-us is assumed" in err


def test_a_source_without_tls_and_login_comes_over_as_it_is(run: Run) -> None:
    code, out, _ = run(FOLDER / "upgraded.yaml", *NAMED)
    source = yaml.safe_load(out)["config"]["region-mirror:source"]
    assert code == 0
    assert (source["encryption"], source["authentication"], source["user"]) == ("none", "none", "ANONYMOUS")
    assert "credentials" not in source


def test_json_has_everything(run: Run) -> None:
    code, out, _ = run(FOLDER / "disaster-recovery.yaml", "--json")
    found = json.loads(out)
    assert code == 1
    assert found["complete"] is False
    assert {"kind", "where", "key", "theirs", "ours", "why"} == set(found["differences"][0])
    assert "heartbeatConnector" in {one["key"] for one in found["differences"]}


def test_markdown_is_for_a_pull_request(run: Run) -> None:
    _, out, _ = run(FOLDER / "disaster-recovery.yaml", "--markdown")
    assert "```yaml\n# yaml-language-server" in out
    assert "| `mirror: heartbeatConnector` |" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "one of FILE and --live is needed"),
        (("no-such-file",), "check the file"),
        ((FOLDER / "hub.yaml",), "only one of them keeps its positions"),
        ((FOLDER / "hub.yaml", "--source", "z"), "it has no source z; it has: a, c"),
        ((FOLDER / "transforms.properties",), "it has 2 enabled flows: left->right, right->left"),
        ((FOLDER / "README.md",), "no flow is enabled"),
        ((FOLDER / "with-metrics.yaml", "--name", "other"), "it has: measured"),
        (("--live", "x"), "add --namespace"),
    ],
)
def test_one_message_for_each_mistake(run: Run, arguments: tuple[Any, ...], message: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_one_of_several_mirrors_names_the_others(run: Run) -> None:
    _, out, _ = run(FOLDER / "hub.yaml", "--source", "a", "--json")
    found = [one for one in json.loads(out)["differences"] if one["where"] == "mirrors"]
    assert [one["key"] for one in found] == ["c"]
    assert "removes this mirror from the resource" in found[0]["why"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"topicsPattern": "a{1,3}"}, "mirror.topics"),
        ({"topicsPattern": r"\p{Alpha}+"}, "mirror.topics[0]"),
        ({"topicsExcludePattern": r"(?i)x"}, "mirror.topics_exclude[0]"),
        (
            {"sourceConnector": {"config": {"replication.policy.class": "com.example.Own"}}},
            "copy every record into other topics",
        ),
    ],
)
def test_a_mirror_that_would_become_another_one_is_not_imported(
    run: Run, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    resource = yaml.safe_load((FOLDER / "cloud-source.yaml").read_text())
    resource["spec"]["mirrors"][0] |= change
    (tmp_path / "mirror.yaml").write_text(yaml.safe_dump(resource))
    code, out, err = run(tmp_path / "mirror.yaml")
    assert (code, out) == (2, "")
    assert message in err


def test_a_playbook_is_called_one(run: Run, tmp_path: Path) -> None:
    """It was read as properties, in which no flow is enabled."""
    (tmp_path / "play.yaml").write_text("- name: deploy\n  definition: {kind: KafkaMirrorMaker2}\n")
    code, out, err = run(tmp_path / "play.yaml")
    assert (code, out) == (2, "")
    assert "it is a list, such as a playbook, and no Kubernetes object" in err


def test_a_mirror_without_pods_does_not_begin_to_mirror(run: Run, tmp_path: Path) -> None:
    resource = yaml.safe_load((FOLDER / "cloud-source.yaml").read_text())
    resource["spec"]["replicas"] = 0
    (tmp_path / "mirror.yaml").write_text(yaml.safe_dump(resource))
    _, out, err = run(tmp_path / "mirror.yaml")
    assert yaml.safe_load(out)["config"]["region-mirror:mirror"]["state"] == "stopped"
    assert "pods: replicas: 0 -> 2 must be from 1 to 1000" in err


def test_a_live_mirror(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    side = FakeKubernetes("https://west")
    resource = yaml.safe_load((FOLDER / "cloud-source.yaml").read_text())
    side.resources[("KafkaMirrorMaker2", "cloud-to-own")] = resource
    monkeypatch.setattr(Kubernetes, "connect", lambda kubeconfig, context: side)
    code, out, _ = run("--live", "cloud-to-own", "--namespace", "kafka")
    assert code == 0
    assert "# Imported from KafkaMirrorMaker2 kafka/cloud-to-own." in out


def test_properties_are_read_as_java_reads_them() -> None:
    text = "a = 1\n! b=2\n  c: x\\\n    y\nd\\=e=f\\u0041\n\nempty=\nlast value"
    assert parse(text) == {"a": "1", "c": "xy", "d=e": "fA", "empty": "", "last": "value"}
