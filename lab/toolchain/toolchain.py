"""Where the lab's programs are, for the rest of the lab. Builds nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab.toolchain.cache import cache_root
from lab.toolchain.graph import Step, missing
from lab.toolchain.host import Host, observe
from lab.toolchain.jdk import MINIMUM, choose
from lab.toolchain.maven import OLDER_KAFKA
from lab.toolchain.steps import newest_pulumi, older_kafka, plan

CLI_VARIABLE = "REGION_MIRROR_PULUMI"
"""`newest`: the lab and its tests use the CLI that `python -m lab.toolchain newest-pulumi` makes."""


class ToolchainIncomplete(Exception):
    """Something of the toolchain is not there; the text names it and how to get it."""


@dataclass(frozen=True)
class Toolchain:
    """Paths of everything the lab runs.

    `kafka_libs` is a folder of jars (use it as `<folder>/*`), `crds` one of YAML files, one a CRD; those of a
    release that served `kafka.strimzi.io/v1beta2` lie in its folder `v1beta2`.
    `promtool` tests and checks rules, and nothing else.
    `pulumi_path` are the folders to put at the front of PATH so that the CLI finds its language host and its
    plugin; it is empty when the user's own are used.
    """

    java_home: Path
    kafka_libs: Path
    crds: Path
    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path
    kubectl: Path
    promtool: Path
    pulumi: Path
    pulumi_path: tuple[Path, ...]

    @property
    def java(self) -> Path:
        """The Java that runs Kafka."""
        return self.java_home / "bin" / "java"

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None) -> Toolchain:
        """The toolchain in the cache, in some 30 ms. Raises ToolchainIncomplete when something is missing."""
        env = os.environ if env is None else env
        root, host = cache_root(env), observe(env)
        found = resolve(host, plan(host, root, env), root)
        cli = env.get(CLI_VARIABLE, "")
        if not _is_newest(cli):
            return found
        why = f"{CLI_VARIABLE} is `newest`, and that Pulumi CLI is not built"
        return found.with_cli(_made(newest_pulumi(host, root, env), root, why, "newest-pulumi"))

    def with_cli(self, folder: Path) -> Toolchain:
        """The same with the Pulumi CLI and the Python language host in `folder`."""
        return replace(self, pulumi=folder / "pulumi", pulumi_path=(folder, *self.pulumi_path))

    def with_older_kafka(self, env: Mapping[str, str] | None = None) -> Toolchain:
        """The same with the older Kafka's jars. Raises ToolchainIncomplete when they were not fetched."""
        env = os.environ if env is None else env
        root = cache_root(env)
        step = older_kafka(observe(env), root, env)
        libs = _made(step, root, "the older Kafka was not fetched", OLDER_KAFKA)
        return replace(self, kafka_libs=libs)

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` with what the Pulumi CLI needs: its parts on PATH, and no question about a newer version."""
        path = [*map(str, self.pulumi_path), *filter(None, [base.get("PATH")])]
        return {**base, "PATH": os.pathsep.join(path), "PULUMI_SKIP_UPDATE_CHECK": "true"}


def resolve(host: Host, steps: Sequence[Step], root: Path) -> Toolchain:
    """The toolchain of a plan: products in the cache, the user's own programs where there is no step."""
    jdk = choose(host.jdks)
    lacking = [step.name for step in missing(steps, root)]
    if not jdk:
        lacking.insert(0, f"a JDK of at least {MINIMUM}")
    if lacking or not jdk:
        raise ToolchainIncomplete(f"the lab's toolchain lacks {', '.join(lacking)}: run `make setup`")
    products = {step.name: step.product(root) for step in steps}

    def program(name: str, own: Path | None = None) -> Path:
        if name in products:
            return products[name] / name
        if own is None:
            raise ToolchainIncomplete(f"the plan has neither a step nor a program for {name}")
        return own

    pulumi_parts = ("pulumi", "pulumi-resource-kubernetes", "pulumi-language-yaml")
    return Toolchain(
        java_home=jdk.home,
        kafka_libs=products["kafka"],
        crds=products["crds"],
        etcd=program("etcd"),
        kube_apiserver=program("kube-apiserver"),
        kube_controller_manager=program("kube-controller-manager"),
        kubectl=program("kubectl", host.kubectl),
        promtool=program("promtool"),
        pulumi=program("pulumi", host.pulumi),
        pulumi_path=tuple(products[name] for name in pulumi_parts if name in products),
    )


def _is_newest(cli: str) -> bool:
    if cli not in ("", "newest"):
        raise ToolchainIncomplete(f"{CLI_VARIABLE} is {cli!r}: set it to `newest`, or do not set it")
    return cli == "newest"


def _made(step: Step, root: Path, why: str, product: str) -> Path:
    """The folder of an optional product."""
    if missing([step], root):
        raise ToolchainIncomplete(f"{why}: run `python -m lab.toolchain {product}`")
    return step.product(root)
