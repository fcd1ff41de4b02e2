"""A project in a folder of its repository: forges read pipelines at the root, and run them there."""

from __future__ import annotations

import re

import pytest
import yaml

from mirror.ci.github import Workflow, workflow
from mirror.ci.gitlab import pipeline
from mirror.ci.printed import folder_of, outdated
from tests.unit.ci.pipelines import NAMES, PLAIN

FOLDER = "infra/mirrors"


@pytest.mark.parametrize("name", NAMES)
def test_github_runs_every_step_there(name: Workflow) -> None:
    text = workflow(name, PLAIN, folder=FOLDER)
    assert yaml.safe_load(text)["defaults"]["run"] == {"shell": "bash", "working-directory": FOLDER}
    assert not re.search(r"path: reports", text), "paths of artifacts start at the root"
    assert folder_of(text) == FOLDER
    assert outdated("f", text, PLAIN, dict, FOLDER) == ""
    assert f'`working-directory: "{FOLDER}"` is missing' in outdated(
        "f", workflow(name, PLAIN), PLAIN, dict, FOLDER
    )


def test_projects_of_one_repository_do_not_cancel_one_another() -> None:
    """GitHub keeps one waiting run in a group, and a pull request's runs cancel each other."""
    groups = [
        re.findall(r"group: (\S+?)(?:-deploy|-pull|-nightly|-\$)", workflow(name, PLAIN, folder=FOLDER))
        for name in NAMES
    ]
    assert all(groups)
    assert {one for found in groups for one in found} == {f"region-mirror-{FOLDER}"}


def test_gitlab_changes_to_it_before_each_script() -> None:
    text = pipeline(PLAIN, folder=FOLDER)
    found = yaml.safe_load(text)
    (before,) = found["default"]["before_script"]
    assert before.splitlines()[0] == f'cd "{FOLDER}"'
    assert found["check"]["artifacts"]["paths"] == [f"{FOLDER}/reports/"]
    assert folder_of(text) == FOLDER
    assert f'`cd "{FOLDER}"` is missing' in outdated("f", pipeline(PLAIN), PLAIN, dict, FOLDER)


def test_at_the_root_nothing_is_changed() -> None:
    for text in (pipeline(PLAIN), *(workflow(name, PLAIN) for name in NAMES)):
        assert folder_of(text) == ""
        assert "working-directory" not in text
