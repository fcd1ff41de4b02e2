"""A program in YAML declares a mirror: the example, on the lab, from `up` to `destroy`."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube.core.exceptions import ApiError

from mirror.cutover.teardown.judge import OVERRIDE
from tests.lab.support import kafka
from tests.lab.support.command import Ran, run
from tests.lab.support.lab import Regions
from tests.lab.support.stack import CHECKOUT
from tests.lab.support.wait import until

EXAMPLE = CHECKOUT / "examples" / "yaml-program" / "Pulumi.yaml"
NAME, TOPIC = "from-yaml", "yaml.audit-log"
STACK = "yaml"


@dataclass(frozen=True)
class Program:
    """The example in a folder of its own, its paths led to the run's checkout and lab."""

    folder: Path
    regions: Regions

    def write(self, change: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        """Write the example with the lab's paths, and `change` its component's properties."""
        document = yaml.safe_load(EXAMPLE.read_text())
        document["packages"]["region-mirror"] = str(CHECKOUT / "provider")
        properties = document["resources"]["mirror"]["properties"]
        for side in ("source", "target"):
            kubeconfig = Path(properties[side]["kubeconfig"])
            # Relative to the program's folder, as in the example.
            properties[side]["kubeconfig"] = str(Path("lab", *kubeconfig.parts[-2:]))
        change(properties)
        (self.folder / "Pulumi.yaml").write_text(yaml.safe_dump(document, sort_keys=False))

    def pulumi(self, *arguments: str) -> Ran:
        """The CLI on the program's stack."""
        argv = ["pulumi", *arguments, "--stack", STACK, "--non-interactive", "--color", "never"]
        # The source's producers never pause, so records always wait when the program is destroyed.
        return run(argv, cwd=self.folder, env={**self.regions.pulumi_environment(), OVERRIDE: NAME})

    def up(self) -> Ran:
        """`pulumi up` without the preview that a person would look at."""
        return self.pulumi("up", "--yes", "--skip-preview")


@pytest.fixture(scope="module")
def program(regions: Regions) -> Iterator[Program]:
    """The example, deployed once."""
    folder = regions.lab.root / "yaml-program"
    folder.mkdir(exist_ok=True)
    if not (folder / "lab").is_symlink():
        (folder / "lab").symlink_to(regions.lab.root)
    program = Program(folder, regions)
    program.write()
    program.pulumi("stack", "select", "--create").ok()
    # What a run that was killed has left.
    program.pulumi("destroy", "--yes", "--skip-preview").ok()
    remove_topics(regions)
    program.up().ok()
    yield program
    program.write()
    program.pulumi("destroy", "--yes", "--skip-preview").ok()
    remove_topics(regions)


def remove_topics(regions: Regions) -> None:
    """Remove what a mirror of these names leaves on the target: the copies, and MM2's own topics."""
    west = regions.kafka("west")
    for topic in kafka.topics(west):
        if topic.startswith((f"{NAME}-", "yaml.", "mm2-offset-syncs.yaml.")):
            kafka.delete_topic(west, topic)


def test_wrong_settings_are_one_message_and_change_nothing(program: Program) -> None:
    def wrong(properties: dict[str, Any]) -> None:
        properties["workers"]["replicas"] = 0
        properties["mirror"]["topics"] = ["("]

    program.write(wrong)
    ran = program.pulumi("preview")
    program.write()
    assert ran.code != 0
    assert "2 problems in the settings of this mirror" in ran.output
    assert "workers.replicas" in ran.output
    assert "mirror.topics[0]" in ran.output
    assert "Traceback" not in ran.output
    assert 'File "' not in ran.output


def test_what_is_wrong_on_a_side_is_told_without_a_traceback(program: Program) -> None:
    def elsewhere(properties: dict[str, Any]) -> None:
        properties["source"]["cluster"] = "nowhere"

    program.write(elsewhere)
    ran = program.pulumi("preview")
    program.write()
    assert ran.code != 0
    assert "kafka/nowhere" in ran.output
    assert 'File "' not in ran.output


USE_OF_THE_SDK = """
import pulumi_region_mirror as sdk
source = sdk.SourceSettingsArgs(
    alias="msk", user="mirror", bootstrap_servers="b-1.example.org:9096",
    authentication=sdk.SourceAuthentication.SCRAM_SHA512,
    credentials=sdk.CredentialSettingsArgs(public_ca=True, password="x"),
)
print(source.bootstrap_servers, source.credentials.public_ca, sdk.RegionMirror.__name__)
"""


def test_a_typed_sdk_can_be_generated(program: Program, tmp_path: Path) -> None:
    # In the one language whose generator the lab has; those of Go and TypeScript read the same schema.
    argv = ["pulumi", "package", "gen-sdk", str(CHECKOUT / "provider"), "--language", "python"]
    run([*argv, "--out", str(tmp_path)], cwd=tmp_path, env=program.regions.pulumi_environment()).ok()
    installed = tmp_path / "python" / "pulumi_region_mirror-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Name: pulumi_region_mirror\nVersion: 0.1.0\n")
    used = run([sys.executable, "-c", USE_OF_THE_SDK], cwd=tmp_path / "python", env=os.environ).ok()
    assert used.stdout.split() == ["b-1.example.org:9096", "True", "RegionMirror"]


def test_the_deployment_is_proven_and_says_so(program: Program) -> None:
    outputs = json.loads(program.pulumi("stack", "output", "--json").ok().stdout)
    assert {"connectors-running", "tail-matches", "lag"} <= outputs["verification"].keys()
    assert TOPIC.replace("audit-log", "<topic>") in outputs["consumers"]


def test_records_arrive(program: Program, regions: Regions) -> None:
    source = kafka.read(regions.kafka("east"), "audit-log")
    assert source
    until(
        "every record of audit-log under the alias's prefix",
        lambda: len(kafka.read(regions.kafka("west"), TOPIC)) >= len(source),
        seconds=90,
    )


def test_a_preview_right_after_up_shows_no_change(program: Program) -> None:
    program.pulumi("preview", "--expect-no-changes").ok()


def test_the_state_holds_no_password(program: Program, regions: Regions) -> None:
    secret = regions.secret("east", "mirror-source")
    assert secret is not None
    assert secret.data
    encoded = secret.data["password"]
    state = program.pulumi("stack", "export").ok().stdout
    assert NAME in state
    assert encoded not in state
    assert base64.b64decode(encoded).decode() not in state


def test_a_change_is_verified_anew(program: Program, regions: Regions) -> None:
    def slower(properties: dict[str, Any]) -> None:
        properties["mirror"]["refreshTopicsIntervalSeconds"] = 7

    program.write(slower)
    preview = program.pulumi("preview", "--diff").ok().output
    assert "~ region-mirror:index:Proof" in preview
    ran = program.up().ok()
    program.write()
    assert "region-mirror:index:Proof mirror updated" in ran.output
    (flow,) = regions.mirror_resource(NAME).spec["mirrors"]
    assert flow["sourceConnector"]["config"]["refresh.topics.interval.seconds"] == "7"


def test_destroy_removes_what_the_program_made(program: Program, regions: Regions) -> None:
    program.pulumi("destroy", "--yes", "--skip-preview").ok()
    with pytest.raises(ApiError) as gone:
        regions.mirror_resource(NAME)
    assert gone.value.status.code == 404
    assert kafka.read(regions.kafka("west"), TOPIC)
