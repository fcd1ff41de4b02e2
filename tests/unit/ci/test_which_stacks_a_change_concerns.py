"""A change concerns a stack by its file, by a file that it names, and by code that all stacks use."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mirror.ci.changes import changed_files
from mirror.ci.concerned import Concerned, concerned
from mirror.ci.environments import placed_in
from mirror.problems import CouldNotRun

ENVIRONMENTS = {"staging": "staging", "prod-west": "production"}
FILES = {
    "staging": "config: {region-mirror:source: {ca: certificates/east.crt}}",
    "prod-west": "config: {region-mirror:source: {exported: exported/east}}",
    "example": "config: {}",
}


def found(*changed: str) -> Concerned:
    return concerned(changed, ENVIRONMENTS, FILES, "stacks")


def stacks(*changed: str) -> list[str]:
    return [one.stack for one in found(*changed).stacks]


def test_its_own_file() -> None:
    assert stacks("stacks/Pulumi.prod-west.yaml") == ["prod-west"]
    assert found("stacks/Pulumi.prod-west.yaml").stacks[0].because == ("stacks/Pulumi.prod-west.yaml",)


def test_a_file_that_is_not_deployed() -> None:
    assert stacks("stacks/Pulumi.example.yaml") == []


@pytest.mark.parametrize(
    "path",
    [
        "settings/load.py", "manifests/users.py", "mirror/cli.py", "components/region_stack.py",
        "__main__.py", "Pulumi.yaml", "requirements.txt", "pyproject.toml", "policy/rules/x.py",
        "a-new-folder/x", "new.py", "Dockerfile", "docs.py",
    ],
)  # fmt: skip
def test_code_concerns_all(path: str) -> None:
    assert stacks(path) == ["staging", "prod-west"]


@pytest.mark.parametrize(
    "path",
    ["docs/ci.md", "tests/unit/x.py", "lab/up.py", "README.md", ".github/workflows/x.yml", "findings/x.sh",
     "stacks/environments.yaml", "LICENSE", ".gitlab-ci.yml", "ci/README.md"],
)  # fmt: skip
def test_what_no_stack_uses(path: str) -> None:
    assert stacks(path) == []


def test_a_stack_that_gets_another_environment() -> None:
    """A merge deploys it there, perhaps for the first time."""

    def placed(before: dict[str, str], *changed: str) -> list[str]:
        found = concerned(changed or ["stacks/environments.yaml"], ENVIRONMENTS, FILES, "stacks", before)
        return [one.stack for one in found.stacks]

    assert placed({"staging": "staging"}) == ["prod-west"]
    assert placed({"staging": "staging", "prod-west": "staging"}) == ["prod-west"]
    assert placed({}) == ["staging", "prod-west"]
    assert placed(ENVIRONMENTS) == []
    assert placed({}, "docs/ci.md") == []
    assert placed_in("environments:\n  - {name: production, stacks: [prod-west]}\nnew_key: 1\n") == {
        "prod-west": "production"
    }
    for broken in ("", "[", "environments: x", "environments: [{name: 1}]"):
        assert placed_in(broken) == {}


def test_a_file_that_a_stack_names() -> None:
    """Also below a folder that no stack uses otherwise."""
    assert stacks("exported/east/Kafka.yaml") == ["staging", "prod-west"]
    named = {**FILES, "staging": "config: {x: {ca: docs/east.crt}}"}
    assert [one.stack for one in concerned(["docs/east.crt"], ENVIRONMENTS, named, "stacks").stacks] == [
        "staging"
    ]


def test_a_deleted_stack_file() -> None:
    gone = concerned(["stacks/Pulumi.old.yaml"], ENVIRONMENTS, FILES, "stacks")
    assert gone.stacks == ()
    assert gone.deleted == ("old",)


def test_a_stack_file_that_is_not_yaml_is_still_concerned() -> None:
    broken = {**FILES, "staging": "config: [\n"}
    changed = ["stacks/Pulumi.staging.yaml"]
    assert [one.stack for one in concerned(changed, ENVIRONMENTS, broken, "stacks").stacks] == ["staging"]


def test_stack_files_beside_the_project_file() -> None:
    assert [one.stack for one in concerned(["Pulumi.staging.yaml"], ENVIRONMENTS, FILES).stacks] == [
        "staging"
    ]
    assert len(concerned(["Pulumi.yaml"], ENVIRONMENTS, FILES).stacks) == 2


def test_a_jobs_output_is_limited() -> None:
    many = found(*(f"mirror/{number}.py" for number in range(500)))
    assert len(many.to_json()["stacks"][0]["because"]) == 10


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    (tmp_path / "project" / "stacks").mkdir(parents=True)
    (tmp_path / "project" / "stacks" / "a b\n.yaml").write_text("1")
    (tmp_path / "other").write_text("1")
    commit(tmp_path)
    return tmp_path


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "x")


def test_git_names_files_of_the_project(checkout: Path) -> None:
    git(checkout, "switch", "--quiet", "--create", "change")
    (checkout / "project" / "stacks" / "a b\n.yaml").rename(checkout / "project" / "new")
    (checkout / "other").write_text("2")
    commit(checkout)
    git(checkout, "switch", "--quiet", "main")
    (checkout / "project" / "of-main").write_text("3")
    commit(checkout)
    git(checkout, "switch", "--quiet", "change")
    assert sorted(changed_files(checkout / "project", "main")) == ["new", "stacks/a b\n.yaml"]


@pytest.mark.parametrize("base", ["no-such-branch", "--output=/tmp/x", "0" * 40])
def test_an_unknown_base_is_an_error(checkout: Path, base: str) -> None:
    with pytest.raises(CouldNotRun, match="fetch the whole history"):
        changed_files(checkout / "project", base)


def test_outside_a_repository_it_is_one_short_message(tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun, match="is in no git repository") as refused:
        changed_files(tmp_path, "main")
    assert "usage" not in str(refused.value)
