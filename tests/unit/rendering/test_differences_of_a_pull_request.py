"""A pull request shows which rendered files differ, without a cluster, and breaks no comment."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mirror.rendering.difference import MARKDOWN_CHARACTERS, compare, markdown
from tests.unit.rendering.test_a_folder_of_files import ENCRYPTED, SECRET
from tests.unit.support.command_line import runner

STACK = """\
config:
  region-mirror:source: {alias: east, cluster: east, namespace: kafka, listener: scram, user: mirror-source}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls, authentication: tls}
  region-mirror:mirror: {name: east-to-west, topics: [%s]}
"""
PROJECT = "name: region-mirror\nstackConfigDir: stacks\n"
Run = Callable[..., tuple[int, str, str]]


def committed(folder: Path) -> None:
    """Commit what the folder has now to its branch."""
    identity = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    for arguments in (["add", "."], ["commit", "-q", "-m", "base"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True, env={**os.environ, **identity})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose branch `main` mirrors one topic."""
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.prod.yaml").write_text(STACK % "orders")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True)
    committed(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PWD", str(tmp_path))
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def start(*arguments: str) -> tuple[int, str, str]:
        code = runner(monkeypatch, "render", "--stack", "prod")(*arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return start


def test_no_difference_is_0(project: Path, run: Run) -> None:
    code, out, _ = run("--diff", "main")
    assert code == 0
    assert out.startswith("No rendered file differs from main\n")


def test_a_difference_is_1_and_names_the_line(project: Path, run: Run) -> None:
    (project / "stacks" / "Pulumi.prod.yaml").write_text(STACK % "orders, payments")
    code, out, _ = run("--diff", "main", "--markdown")
    assert code == 1
    assert "-    topicsPattern: orders\n+    topicsPattern: orders,payments\n" in out
    assert "<details><summary>~ <code>kafkamirrormaker2-east-to-west.yaml</code> changed" in out
    code, out, _ = run("--diff", "main", "--json")
    assert code == 1
    assert {one["change"] for one in json.loads(out)["files"]} == {"changed"}


def test_a_change_of_the_projects_file_is_a_difference(project: Path, run: Run) -> None:
    """The stacks' common sections were read as they are now for the base, too: nothing differed."""
    common = "config:\n  workers: {value: {replicas: %d}}\n"
    (project / "Pulumi.yaml").write_text(PROJECT + common % 3)
    committed(project)
    assert run("--diff", "main")[0] == 0
    (project / "Pulumi.yaml").write_text(PROJECT + common % 4)
    code, out, _ = run("--diff", "main")
    assert code == 1
    assert "-  replicas: 3" in out
    (project / "Pulumi.yaml").write_text(PROJECT)
    assert run("--diff", "main")[0] == 1


def test_users_that_are_no_longer_copied_are_told(project: Path, run: Run) -> None:
    """Copied users are in no file without a cluster: nothing differed, and nothing was said."""
    path = project / "stacks" / "Pulumi.prod.yaml"
    path.write_text(STACK % "orders" + "  region-mirror:users: {copy: [shop, billing]}\n")
    committed(project)
    assert "the section users" not in run("--diff", "main")[1]
    path.write_text(STACK % "orders")
    code, out, _ = run("--diff", "main", "--markdown")
    assert code == 0
    assert "the section users of east-to-west differs, which no rendered file shows" in out


def test_a_stack_file_is_utf8_whatever_the_locale(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "stacks" / "Pulumi.prod.yaml").write_text(STACK % "größen", encoding="utf-8")
    committed(project)
    monkeypatch.setattr("locale.getencoding", lambda: "iso-8859-15", raising=False)
    monkeypatch.setattr("subprocess._text_encoding", lambda: "iso-8859-15")
    assert run("--diff", "main")[0] == 0


def test_a_new_stack_file_adds_every_object(project: Path, run: Run) -> None:
    (project / "stacks" / "Pulumi.new.yaml").write_text(STACK % "orders")
    code, out, _ = run("--stack", "new", "--diff", "main", "--json")
    assert code == 1
    assert {one["change"] for one in json.loads(out)["files"]} == {"added"}


SEVERAL = """\
config:
  region-mirror:source: {alias: east, cluster: east, namespace: kafka, listener: scram, user: mirror-source}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls, authentication: tls}
  region-mirror:mirrors:
    east-to-west: {mirror: {topics: [orders]}}
    north-to-west: {source: {alias: north, cluster: north}, mirror: {topics: [returns]}}
"""


def test_a_second_mirror_is_all_that_is_added(project: Path, run: Run) -> None:
    (project / "stacks" / "Pulumi.prod.yaml").write_text(SEVERAL)
    code, out, _ = run("--diff", "main", "--json")
    assert code == 1
    changes = json.loads(out)["files"]
    assert {one["change"] for one in changes} == {"added"}
    assert all(one["name"].startswith("north-to-west/") for one in changes)


def test_one_mirror_is_rendered_into_its_own_folder(project: Path, run: Run) -> None:
    (project / "stacks" / "Pulumi.prod.yaml").write_text(SEVERAL)
    run("--offline", "-d", "rendered")
    assert run("--offline", "-d", "rendered", "--mirror", "north-to-west")[0] == 0
    assert {one.name for one in (project / "rendered").iterdir()} == {"east-to-west", "north-to-west"}
    assert run("--offline", "--diff", "rendered", "--mirror", "east-to-west")[0] == 0


@pytest.mark.parametrize("base", ["nowhere", "--output=x", "-h"])
def test_a_base_that_is_none_is_2(project: Path, run: Run, base: str) -> None:
    code, out, err = run(f"--diff={base}")
    assert (code, out) == (2, "")
    assert "it is a git revision" in " ".join(err.split())
    assert not (project / "x").exists()


def test_a_base_with_broken_settings_is_2(project: Path, run: Run) -> None:
    good = (project / "stacks" / "Pulumi.prod.yaml").read_text()
    (project / "stacks" / "Pulumi.prod.yaml").write_text(STACK % "'('")
    identity = ["-c", "user.name=x", "-c", "user.email=x"]
    subprocess.run(["git", *identity, "commit", "-qam", "broken"], cwd=project, check=True)
    (project / "stacks" / "Pulumi.prod.yaml").write_text(good)
    code, _, err = run("--diff", "main")
    assert code == 2
    assert "mirror.topics[0]" in err


def test_a_folder_is_compared_too(project: Path, run: Run) -> None:
    assert run("--offline", "-d", "rendered", "-q")[0] == 0
    assert run("--offline", "--diff", "rendered")[0] == 0
    (project / "rendered" / "kafkauser-east-to-west.yaml").unlink()
    code, out, _ = run("--offline", "--diff", "rendered", "--json")
    assert code == 1
    assert [(one["name"], one["change"]) for one in json.loads(out)["files"]] == [
        ("kafkauser-east-to-west.yaml", "added")
    ]


def test_the_documents_are_one_stream(project: Path, run: Run) -> None:
    code, out, err = run("--offline")
    assert code == 0
    assert "---\n# kafkamirrormaker2-east-to-west.yaml\napiVersion: kafka.strimzi.io/v1\n" in out
    assert out.count("---\n") == out.count("\nkind: ")
    assert "note: the address of west is a placeholder" in err


def test_a_store_that_is_none_is_2(project: Path, run: Run) -> None:
    assert run("--offline", "--secrets", "external-secret", "--secret-store", "vault")[0] == 2


def test_foreign_text_ends_no_code_block() -> None:
    found = compare("prod", "main", {}, {"a.yaml": "x: |\n  ```\n  @everyone <b> [a](b)\n"})
    text = markdown(found)
    assert "````diff\n" in text
    assert "\n````\n" in text


def test_a_comment_is_short_enough() -> None:
    after = {f"configmap-{number}.yaml": "x: y\n" * 5_000 for number in range(40)} | {"z.yaml": "z: 1\n"}
    text = markdown(compare("prod", "main", {}, after))
    assert len(text) < MARKDOWN_CHARACTERS + 2_000
    assert text.count("<details>") == 2
    assert "+z: 1" in text, "a short difference is shown after long ones"
    assert "see `region-mirror render --diff`: + `configmap-1.yaml`" in text
    assert "and 19 more" in text


def test_an_encrypted_secret_with_the_same_keys_is_no_difference() -> None:
    assert compare("prod", "x", {"secret-a.yaml": ENCRYPTED}, {"secret-a.yaml": SECRET}).files == ()
    more = f"{SECRET}  other: PLACEHOLDER-other\n"
    assert compare("prod", "x", {"secret-a.yaml": ENCRYPTED}, {"secret-a.yaml": more}).files
