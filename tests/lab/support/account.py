"""What the account of a verification's Job may do: a look as it, and its rights one by one."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from settings.names import Names
from tests.lab.support.command import Ran, run
from tests.lab.support.lab import Regions
from tests.lab.support.objects import CORE, Objects
from tests.lab.support.stack import CHECKOUT


def as_the_account(
    regions: Regions, objects: Objects, names: Names, folder: Path
) -> Callable[[tuple[str, ...]], Ran]:
    """What the pod runs, run here with its ServiceAccount's token: a look as often as a test wants one."""
    config = yaml.safe_load(regions.lab.kubeconfig("west").read_text())
    config["users"][0]["user"] = {"token": objects.token(names.verification)}
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(config))
    settings = folder / "Pulumi.mirror.yaml"
    settings.write_text(
        objects.get(CORE, "configmaps", names.verification_settings)["data"]["Pulumi.mirror.yaml"]
    )
    argv = [sys.executable, "-m", "mirror", "verify", "--config-file", str(settings)]
    argv += ["--result-config-map", names.verification]
    env = regions.pulumi_environment() | {"KUBECONFIG": str(kubeconfig), "HOME": str(folder)}
    return lambda checks: run([*argv, *(f"--check={one}" for one in checks)], cwd=CHECKOUT, env=env)


def without_each(rules: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rules of a Role, each time without one object that one of them allows."""
    for index, rule in enumerate(rules):
        for name in rule["resourceNames"]:
            fewer = copy.deepcopy(rules)
            fewer[index]["resourceNames"].remove(name)
            # A rule without names would allow them all.
            yield f"{rule['resources'][0]}/{name}", [one for one in fewer if one["resourceNames"]]


def needing(what: str, names: Names) -> tuple[str, ...]:
    """The checks that read an object: a look at all takes its time."""
    kind, name = what.split("/")
    if kind == "secrets" and name == names.mirror_user:
        return ("certificates-valid",)
    if what == f"configmaps/{names.baseline_config_map}":
        return ("source-unbroken",)
    of_all = (names.source_ca_secret, names.source_user_secret, names.target_ca_secret, names.verifier_user)
    return ("users-work",) if kind.startswith("kafka") or name not in of_all else ("connectors-running",)
