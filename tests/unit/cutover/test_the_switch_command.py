"""The command of the stack file after the promotion: no shell, no secret, and again until it succeeds."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import OWNER, PHASE, SWITCHED
from mirror.clients.admin_config import VARIABLE
from mirror.cutover.programs import lines
from mirror.cutover.step import World
from mirror.cutover.steps.switch_command import SwitchCommand
from mirror.problems import CouldNotConnect
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.memory_journal import MemoryJournal

PATH = "/apis/kafka.strimzi.io/v1/namespaces/kafka/kafkamirrormaker2s/east-to-west"
SHOW = """
import os
names = sorted(key for key in os.environ if key.startswith(("REGION", "PULUMI")))
print(names, os.environ["REGION_MIRROR_STACK"])
"""


class Api(MemoryApi):
    def strimzi_path(self, kind: str, namespace: str, name: str) -> str:
        return PATH


@pytest.fixture
def api() -> Api:
    made = Api()
    metadata = {"name": "east-to-west", "namespace": "kafka"}
    metadata["annotations"] = {PHASE: "promoted", OWNER: "region-mirror/prod-west/0123456789abcdef"}  # type: ignore[assignment]
    spec = {"target": {"alias": "west", "bootstrapServers": "west:9094"}, "mirrors": []}
    made.put(PATH, {"kind": "KafkaMirrorMaker2", "metadata": metadata, "spec": spec})
    return made


def world(api: Api, root: Path, *command: str) -> World:
    settings = SimpleNamespace(
        cutover=SimpleNamespace(switch_command=command),
        source=SimpleNamespace(alias="east"),
        target=SimpleNamespace(alias="west", namespace="kafka"),
        mirror=SimpleNamespace(name="east-to-west"),
    )

    def dead() -> None:
        raise CouldNotConnect("connecting to Kafka cluster east", "not reachable", "check it")

    made: Any = SimpleNamespace(
        settings=settings,
        root=root,
        target_kubernetes=api,
        resource=lambda: api.request("GET", PATH, "it", verb="get"),
        sides=dead,
    )
    return cast(World, made)


def python(script: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", script, *arguments)


def test_after_a_failover_it_is_told_the_address_without_a_source(api: Api, tmp_path: Path) -> None:
    """It asked both clusters for a login: the dead source kept a failover from leading clients away."""
    script = "import os; print(os.environ['REGION_MIRROR_TARGET_BOOTSTRAP_SERVERS'])"
    given = world(api, tmp_path, *python(script))
    step = SwitchCommand()
    step.do(given, MemoryJournal())
    assert step.look(given).text.endswith(": west:9094")


def test_it_is_run_once_without_a_shell(api: Api, tmp_path: Path) -> None:
    script = (
        "import pathlib, sys; pathlib.Path('told').open('a').write(' '.join(sys.argv[1:])); print('moved')"
    )
    given = world(api, tmp_path, *python(script, "$HOME; ls"))
    step = SwitchCommand()
    assert step.look(given).state == "todo"
    step.do(given, MemoryJournal())
    found = step.look(given)
    assert found.state == "done"
    assert found.text.endswith(": moved")
    assert (tmp_path / "told").read_text() == "$HOME; ls"
    # Another run knows that it has succeeded; another command line is another command.
    assert SwitchCommand().look(given).state == "done"
    assert SwitchCommand().look(world(api, tmp_path, "other")).state == "todo"


def test_it_gets_names_and_no_secret(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "sasl.password=s3cret")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "s3cret")
    given = world(api, tmp_path, *python(SHOW))
    step = SwitchCommand()
    step.do(given, MemoryJournal())
    assert step.look(given).evidence["output"] == [
        "['REGION_MIRROR_MIRROR', 'REGION_MIRROR_SOURCE', 'REGION_MIRROR_STACK', 'REGION_MIRROR_TARGET', "
        "'REGION_MIRROR_TARGET_BOOTSTRAP_SERVERS', 'REGION_MIRROR_TARGET_NAMESPACE'] prod-west"
    ]


def test_a_failure_stops_the_step_and_the_next_run_tries_again(api: Api, tmp_path: Path) -> None:
    given = world(api, tmp_path, *python("import sys; print('no \\x1b[31mroute'); sys.exit(3)"))
    step = SwitchCommand()
    step.do(given, MemoryJournal())
    found = step.look(given)
    assert found.state == "blocked"
    assert "ended with exit code 3: no \N{REPLACEMENT CHARACTER}[31mroute" in found.text
    assert "run the same command again" in found.remedy
    assert SWITCHED not in api.objects[PATH]["metadata"]["annotations"]
    assert SwitchCommand().look(given).state == "todo"


def test_a_command_that_does_not_end_is_killed(api: Api, tmp_path: Path) -> None:
    given = world(api, tmp_path, *python("import time; print('on it', flush=True); time.sleep(60)"))
    step = SwitchCommand(seconds=1)
    step.do(given, MemoryJournal())
    assert "did not end within 1 s and was killed: on it" in step.look(given).text


def test_a_command_that_does_not_exist_is_a_message(api: Api, tmp_path: Path) -> None:
    given = world(api, tmp_path, "/no/such/program")
    step = SwitchCommand()
    step.do(given, MemoryJournal())
    assert "could not be started" in step.look(given).text


def test_it_waits_for_the_promotion(api: Api, tmp_path: Path) -> None:
    del api.objects[PATH]["metadata"]["annotations"][PHASE]
    assert SwitchCommand().look(world(api, tmp_path, "move-dns")).state == "waiting"


def test_long_output_is_cut() -> None:
    found = lines(b"\n".join(b"x" * 1000 for _ in range(100)))
    assert len(found) == 20
    assert {len(line) for line in found} == {300}
