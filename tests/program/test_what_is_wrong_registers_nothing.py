"""A wrong stack file or a region that lacks something: one message, an exit code, and nothing is
registered.
"""

from __future__ import annotations

import json
import logging
import runpy
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime.config import set_all_config

import mirror.estate.all_mirrors
import mirror.plan.reading
from mirror.estate.findings import EstateError
from mirror.problems import CouldNotRun, Finding
from tests.program.conftest import Recorder, recording
from tests.program.sample import estate, unread
from tests.unit.settings.sample import raw

PROGRAM = Path(__file__).parents[2] / "__main__.py"
USER_WAS_TOLD = 32
"""pulumi-language-python: the program has said itself what is wrong."""

Run = Callable[..., Recorder]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the real __main__.py with a stack's configuration; `regions` stands in for what both regions
    have.
    """

    def program(
        config: dict[str, Any],
        regions: Callable[..., Any] = lambda stack, *_: [estate(settings) for settings in stack],
        secret: Collection[str] = (),
    ) -> Recorder:
        monkeypatch.setattr(mirror.estate.all_mirrors, "read_estates", regions)
        monkeypatch.setattr(mirror.plan.reading, "read_plans", unread)
        monitor = recording()
        values = {f"region-mirror:{name}": json.dumps(section) for name, section in config.items()}
        set_all_config(values, [f"region-mirror:{name}" for name in secret])
        last.append(monitor)

        @pulumi.runtime.test
        def run_it() -> None:
            runpy.run_path(str(PROGRAM), run_name="__main__")

        run_it()
        return monitor

    return program


last: list[Recorder] = []


def refused(run: Run, *arguments: Any) -> None:
    """The program ends by itself, having registered nothing."""
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == USER_WAS_TOLD
    assert last[-1].declared == []


def test_a_sound_stack_is_declared(run: Run) -> None:
    declared = {resource.kind for resource in run(raw()).declared}
    assert {"RegionMirror", "KafkaMirrorMaker2", "KafkaUser", "Secret"} <= declared


def test_wrong_settings_are_said_at_once(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    refused(run, raw(workers__replicas=0, mirror__topcs=[], target__alias="a b"))
    (message,) = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert message.startswith("3 problems in the settings:")
    for path in ("target.alias", "workers.replicas", "mirror.topcs"):
        assert path in message
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("sections", [(), ("source", "target", "mirror", "workers", "users", "mirrors")])
def test_a_stack_without_a_file_is_said(
    run: Run, caplog: pytest.LogCaptureFixture, sections: Collection[str]
) -> None:
    """Pulumi.yaml gives each section the default {}: all that said so were eleven missing settings."""
    refused(run, {name: {} for name in sections})
    assert f"stacks/Pulumi.{pulumi.get_stack()}.yaml is missing or empty" in caplog.text
    assert "--stack NAME: lab, msk-to-strimzi" in caplog.text
    assert "problems in the settings" not in caplog.text


def test_a_file_of_another_project_is_said(
    run: Run, caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the project was renamed, the file was said to be missing or empty."""
    (tmp_path / "Pulumi.yaml").write_text("name: mirrors\nruntime: python\n")
    file = tmp_path / f"Pulumi.{pulumi.get_stack()}.yaml"
    file.write_text("config: {'region-mirror:source': {alias: east}}\n")
    monkeypatch.chdir(tmp_path)
    refused(run, {})
    assert (
        f"{file.name} has none of this project. The file has sections of project region-mirror" in caplog.text
    )


def test_an_unknown_section_is_said(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    refused(run, {**raw(), "verificaton": {}})
    assert "Did you mean verification?" in caplog.text


def test_a_section_that_is_plain_text_is_said(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    refused(run, {**raw(), "users": "orders-consumer"})
    assert "users = 'orders-consumer': must be a mapping" in caplog.text


def test_regions_are_not_even_looked_at_with_wrong_settings(run: Run) -> None:
    def look(*_: Any) -> Any:
        raise AssertionError("looked")

    refused(run, raw(workers__replicas=0), look)


@pytest.mark.parametrize(
    "problem",
    [
        EstateError(
            [Finding("Secret kafka/mirror-source", "it does not exist", "wait for the User Operator")]
        ),
        CouldNotRun("reading the east region", "it does not answer", "start it"),
    ],
    ids=["something is missing", "a region does not answer"],
)
def test_what_the_regions_lack_is_said(
    run: Run, caplog: pytest.LogCaptureFixture, problem: Exception
) -> None:
    def look(*_: Any) -> Any:
        raise problem

    refused(run, raw(), look)
    (message,) = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert message == str(problem)
    assert "Traceback" not in caplog.text


def outside(password: object, ca: object) -> dict[str, Any]:
    """A source with two credentials, as Pulumi hands them over, or as the stack file has them."""
    given = {"password": password, "ca": ca}
    where = {"alias": "msk", "user": "mirror", "bootstrap_servers": "b-1.example.com:9096"}
    return {**raw(users__copy=[]), "source": {**where, "credentials": given}}


def written(folder: Path, sections: dict[str, Any]) -> None:
    """The project and its stack file. Pulumi's mocks call the stack `test`."""
    (folder / "Pulumi.yaml").write_text("name: region-mirror\nruntime: python\n")
    config = {f"region-mirror:{name}": section for name, section in sections.items()}
    (folder / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": config}))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_encrypted_value_does_not_vouch_for_a_plain_password(
    run: Run, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Pulumi tells only that something in the section was encrypted."""
    written(folder, outside("hunter2", {"secure": "v1:x"}))
    with pytest.raises(SystemExit) as ended:
        run(outside("hunter2", "PEM"), secret=["source"])
    assert ended.value.code == USER_WAS_TOLD
    assert "source.credentials.password: is stored in plain text in the stack file" in caplog.text
    assert "hunter2" not in caplog.text


def test_an_encrypted_password_is_declared(run: Run, folder: Path) -> None:
    written(folder, outside({"secure": "v1:x"}, "PEM"))
    assert run(outside("hunter2", "PEM"), secret=["source"]).declared


def test_without_a_stack_file_the_section_counts(
    run: Run, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given = outside("hunter2", "PEM")
    assert run(given, secret=["source"]).declared
    refused(run, given)
    assert "source.credentials.password: is stored in plain text" in caplog.text
