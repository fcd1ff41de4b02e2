"""The plan: which products this machine needs, and how each is made. What the user has is used, not built."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from lab.toolchain import go_build, graph, maven
from lab.toolchain.go_build import NEWEST_PULUMI, PRODUCTS
from lab.toolchain.graph import Job, Step
from lab.toolchain.host import Host
from lab.toolchain.jdk import choose
from lab.toolchain.maven import OLDER_KAFKA

# name: (needs, seconds, megabytes) on two cores. The whole was measured (9.5 GB of Go's caches, 0.6 GB of
# products); how it spreads over the steps is partly estimated, since programs share packages. For that reason
# the second of two that share most waits for the first: two `go build` at once would compile those twice.
_COSTS: dict[str, tuple[tuple[str, ...], int, int]] = {
    "kafka": ((), 25, 250),
    "kube-apiserver": ((), 400, 3600),
    "crds": (("kafka",), 15, 60),
    "pulumi": ((), 300, 2500),
    "etcd": (("kube-apiserver",), 20, 200),
    "kube-controller-manager": (("kube-apiserver",), 130, 800),
    "kubectl": (("kube-controller-manager",), 50, 400),
    "pulumi-resource-kubernetes": (("pulumi",), 400, 2900),
    "pulumi-language-yaml": (("pulumi",), 60, 400),
    "promtool": (("kube-apiserver",), 80, 500),
}
_OPTIONAL: dict[str, tuple[tuple[str, ...], int, int]] = {
    NEWEST_PULUMI: ((), 400, 3000),
    OLDER_KAFKA: ((), 25, 250),
}


_FETCHED = {
    "kafka": (maven.kafka_key, maven.fetch_kafka),
    OLDER_KAFKA: (maven.older_kafka_key, maven.fetch_older_kafka),
    "crds": (maven.crds_key, maven.generate_crds),
}
"""Maven's steps: the key, and what makes the product."""


def plan(host: Host, root: Path, env: Mapping[str, str]) -> list[Step]:
    """All steps for this host, in the order they are preferred; the cache is not looked at.

    Without Go, its steps have the key "-", which is never in the cache: the plan still says what is needed,
    and the prerequisites say why it cannot be made.
    """
    steps = [_step(name, host, root, env) for name in _COSTS]
    chosen = graph.without(steps, replaced_by_user(host))
    graph.check(chosen)
    return chosen


def newest_pulumi(host: Host, root: Path, env: Mapping[str, str]) -> Step:
    """The step of the newest Pulumi CLI. It is no part of the plan: the lab works without it."""
    return _step(NEWEST_PULUMI, host, root, env)


def older_kafka(host: Host, root: Path, env: Mapping[str, str]) -> Step:
    """The step of the older Kafka, for sources before Kafka 4. It is no part of the plan, either."""
    return _step(OLDER_KAFKA, host, root, env)


def replaced_by_user(host: Host) -> set[str]:
    """The steps that the user's own programs stand in for."""
    replaced: set[str] = set()
    if host.kubectl:
        replaced.add("kubectl")
    if host.pulumi:
        replaced.add("pulumi")
        if host.kubernetes_plugin:
            replaced.add("pulumi-resource-kubernetes")
    if host.yaml_language_host:
        replaced.add("pulumi-language-yaml")
    return replaced


def _step(name: str, host: Host, root: Path, env: Mapping[str, str]) -> Step:
    needs, seconds, megabytes = (_COSTS | _OPTIONAL)[name]
    if name in PRODUCTS:
        key = go_build.key(PRODUCTS[name], host.go) if host.go else "-"
        return Step(
            name, key, needs, seconds, megabytes, "go", functools.partial(_build, name, host, root, env)
        )
    fetch = functools.partial(_fetch, name, host, root, env)
    return Step(name, _FETCHED[name][0](), needs, seconds, megabytes, "maven", fetch)


def _build(name: str, host: Host, root: Path, env: Mapping[str, str], job: Job) -> None:
    if not host.go:
        raise RuntimeError("the prerequisites let a Go build through without Go")
    go_build.build(PRODUCTS[name], host.go, root, env, job)


def _fetch(name: str, host: Host, root: Path, env: Mapping[str, str], job: Job) -> None:
    jdk = choose(host.jdks)
    if not jdk or not host.maven:
        raise RuntimeError("the prerequisites let a Maven step through without Maven or a JDK")
    _FETCHED[name][1](host.maven, jdk, root, env, job)
