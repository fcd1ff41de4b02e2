"""The older Kafka: no part of the set-up, and used by sources alone."""

from pathlib import Path

import pytest

from lab import up
from lab.errors import LabError
from lab.toolchain import maven
from lab.toolchain.host import Host
from lab.toolchain.maven import OLDER_KAFKA, OLDER_VERSION, POM
from lab.toolchain.steps import older_kafka, plan
from lab.toolchain.toolchain import Toolchain, ToolchainIncomplete


def test_it_is_no_part_of_the_plan(complete_host: Host, tmp_path: Path) -> None:
    assert OLDER_KAFKA not in [step.name for step in plan(complete_host, tmp_path, {})]
    assert older_kafka(complete_host, tmp_path, {}).registry == "maven"


def test_the_command_that_fetches_it_is_named(env: dict[str, str]) -> None:
    with pytest.raises(ToolchainIncomplete, match=r"run `python -m lab\.toolchain older-kafka`"):
        Toolchain.load(env).with_older_kafka(env)


def test_only_the_jars_differ(complete_host: Host, env: dict[str, str], tmp_path: Path) -> None:
    folder = older_kafka(complete_host, tmp_path, env).product(tmp_path)
    folder.mkdir(parents=True)
    usual = Toolchain.load(env)
    older = usual.with_older_kafka(env)
    assert (usual.kafka_libs.parent.name, older.kafka_libs) == ("kafka", folder)
    assert older.java == usual.java


def test_it_is_pinned_and_older_than_the_pom_says() -> None:
    assert OLDER_VERSION.startswith("3.")
    assert "<kafka.version>4." in POM.read_text()
    assert maven.older_kafka_key() != maven.kafka_key()


def test_another_value_is_refused(monkeypatch: pytest.MonkeyPatch, env: dict[str, str]) -> None:
    monkeypatch.setenv(up.SOURCE_VARIABLE, "3.9")
    with pytest.raises(LabError, match=r"REGION_MIRROR_LAB_SOURCE is '3\.9': set it to `older`"):
        up._source_tools(Toolchain.load(env))
