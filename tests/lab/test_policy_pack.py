"""`pulumi --policy-pack policy` with the real CLI and a file backend. It needs the toolchain, and no lab: the
Kubernetes provider only writes its manifests into a folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from lab.toolchain import Toolchain
from policy.examples import MIRROR, back, sound
from tests.lab.support.command import Ran, run
from tests.lab.support.stack import CHECKOUT

PACK = CHECKOUT / "policy"
PROGRAM = """
import os, pathlib, yaml
import pulumi, pulumi_kubernetes
made = yaml.safe_load(pathlib.Path("mirror.yaml").read_text())
provider = pulumi_kubernetes.Provider("files", render_yaml_to_directory=os.environ["RENDERED"])
pulumi_kubernetes.apiextensions.CustomResource(
    "mirror", api_version=made["apiVersion"], kind=made["kind"], metadata=made["metadata"], spec=made["spec"],
    opts=pulumi.ResourceOptions(provider=provider),
)
"""


def reported(said: str, level: str, rule: str) -> bool:
    """Whether Pulumi reports the rule with this level. 3.276 prints the severity too, 3.188 does not."""
    return re.search(rf"\[{level}\](?: \[severity: [a-z]+\])?  {rule}\s", said) is not None


@dataclass(frozen=True)
class Team:
    """A Pulumi program of another team, which declares one KafkaMirrorMaker2 and knows nothing of ours."""

    folder: Path
    environment: dict[str, str]

    def pulumi(self, *arguments: str) -> Ran:
        argv = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        return run(argv, cwd=self.folder, env=self.environment)

    def declare(self, mirror: dict[str, object]) -> None:
        (self.folder / "mirror.yaml").write_text(yaml.safe_dump(mirror, default_flow_style=True, width=10**9))

    def rules(self, policy: str) -> None:
        (self.folder / "policy.yaml").write_text(policy)


@pytest.fixture(scope="module", autouse=True)
def pack() -> None:
    """The pack's own virtual environment, as `make policy-pack` makes it."""
    uv, venv = str(Path(sys.executable).parent / "uv"), str(CHECKOUT / ".venv-policy")
    subprocess.run([uv, "venv", "--quiet", "--allow-existing", venv], check=True)
    requirements = ["--require-hashes", "-r", str(PACK / "requirements.txt")]
    subprocess.run([uv, "pip", "install", "--quiet", "--python", venv, *requirements], check=True)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    program = {"name": "team", "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}}}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(program))
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / "state").mkdir()
    environment = {
        **os.environ,
        **Toolchain.load().environment({"PATH": os.environ.get("PATH", os.defpath)}),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/state",
        "PULUMI_CONFIG_PASSPHRASE": "example",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "RENDERED": str(tmp_path / "rendered"),
        "REGION_MIRROR_POLICY": str(tmp_path / "policy.yaml"),
    }
    found = Team(tmp_path, environment)
    found.rules("")
    found.pulumi("stack", "init", "prod-west").ok()
    return found


def test_a_sound_mirror_passes_and_others_stop_before_anything_is_changed(team: Team) -> None:
    team.declare(sound())
    passed = team.pulumi("preview", "--policy-pack", str(PACK)).ok()
    assert "region-mirror" in passed.output
    assert "mandatory" not in passed.output

    team.declare(sound(((*MIRROR, "topicsPattern"), ".*"), (("spec", "replicas"), 1)))
    (team.folder / "back.yaml").write_text(yaml.safe_dump(back()))
    waiver = '{rule: %s, subject: "prod-west/*", reason: "everything moves", expires: %s}'
    team.rules(
        f"compare_with: [back.yaml]\nwaivers:\n- {waiver % ('topics-named', '2999-01-01')}\n"
        f"- {waiver % ('other-systems-left-out', '2020-01-01')}\n"
    )
    refused = team.pulumi("up", "--yes", "--policy-pack", str(PACK))
    said = refused.output
    assert refused.code != 0
    assert reported(said, "mandatory", "no-circle")
    assert "kafka/west-to-east in" in said
    assert reported(said, "mandatory", "other-systems-left-out")
    assert "Its waiver expired on 2020-01-01 (reason: everything moves)" in said
    assert reported(said, "advisory", "survives-a-drain")
    assert "topics-named" not in said
    assert not (team.folder / "rendered").exists()


def test_a_broken_policy_file_is_one_message(team: Team) -> None:
    team.declare(sound())
    team.rules("ruls: {}")
    ran = team.pulumi("preview", "--policy-pack", str(PACK))
    assert ran.code != 0
    assert "'ruls' in the file is not known: did you mean rules?" in ran.output
    assert "Traceback" not in ran.output
