"""Mirrors of a test's own: sections of a stack file, a stack deployed from them, and all of it gone again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lab.outside import Source
from settings.names import Names, copy_of
from settings.patterns import matches
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

Sections = dict[str, Any]
ALIAS_OF_THE_LABS_MIRROR = "east"
"""MM2 names the topic of its offset syncs after the source's alias alone: one mirror a target may have it."""


def cluster(region: str) -> Sections:
    """A region as a target; MM2 logs in with a certificate."""
    return {
        "alias": region,
        "cluster": region,
        "namespace": "kafka",
        "kubeconfig": f".lab/{region}/kubeconfig",
        "listener": "mtls",
        "authentication": "tls",
    }


def live(region: str, user: str, authentication: str = "scram-sha-512") -> Sections:
    """A region as a source whose credentials are read live."""
    listener = "mtls" if authentication == "tls" else "scram"
    return cluster(region) | {"listener": listener, "authentication": authentication, "user": user}


def outside(source: Source, authentication: str) -> Sections:
    """A source outside Kubernetes; its credentials come by `given`."""
    return {
        "alias": source.name,
        "bootstrap_servers": source.bootstrap_servers,
        "authentication": authentication,
        "user": source.user,
    }


def given(source: Source) -> dict[str, str]:
    """The credentials of a source outside Kubernetes, as keys of `source.credentials`."""
    kept = {
        "ca": source.ca,
        "password": source.password,
        "certificate": source.certificate,
        "key": source.key,
    }
    return {key: value for key, value in kept.items() if value is not None}


def flow(name: str, *topics: str, **more: Any) -> Sections:
    """Section `mirror` of a mirror that looks at everything every few seconds."""
    intervals = {
        "refresh_topics_interval_seconds": 5,
        "refresh_groups_interval_seconds": 5,
        "sync_topic_configs_interval_seconds": 10,
        "sync_group_offsets_interval_seconds": 3,
        "emit_checkpoints_interval_seconds": 3,
    }
    return {"name": name, "topics": list(topics), "tasks_max": 1} | intervals | more


@contextmanager
def deployed(
    regions: Regions, name: str, sections: Sections, secrets: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """The stack `name`, deployed and proven by a real `pulumi up`; destroyed in the end, copies and all.

    `secrets` are encrypted in the stack file; the key is the path, such as `source.credentials.password`.
    """
    stack = Stack.create(regions.lab.root / name, regions.lab.root, name, regions.pulumi_environment())

    def only(config: dict[str, Any]) -> None:
        config.clear()
        config.update({"workers": {"replicas": 1}, **sections})

    stack.configure(only)
    sources = [one["source"] for one in (sections.get("mirrors") or {"": sections}).values()]
    assert all(one["alias"] != ALIAS_OF_THE_LABS_MIRROR for one in sources), "the lab's mirror has this alias"
    for path, value in (secrets or {}).items():
        stack.keep_secret(path, value)
    try:
        stack.up().ok()
        yield stack
    finally:
        stack.destroy().ok()
        _forget(regions, stack)


def _forget(regions: Regions, stack: Stack) -> None:
    """Delete what every mirror of the stack wrote, so that a later one of the same name starts anew."""
    for settings in stack.settings():
        region, names, mirror = settings.target.cluster, Names.of(settings), settings.mirror
        worker = f"{region}-kafka-{names.mirror}-"

        def ended(worker: str = worker) -> bool:
            return not regions.running(worker)

        until(f"{worker} to end", ended, seconds=60)
        config = regions.kafka(region)
        prefix = copy_of(settings, "")
        there = kafka.topics(config)
        copies = {
            topic
            for topic in there
            if topic.startswith(prefix) and matches(mirror.topics, topic.removeprefix(prefix))
        }
        own = {
            names.configs_topic,
            names.offsets_topic,
            names.status_topic,
            names.checkpoints_topic,
            names.offset_syncs_topic,
        }
        for topic in (copies | own) & there:
            kafka.delete_topic(config, topic)
        if mirror.offset_syncs_topic_location == "source":
            kafka.delete_topic(regions.kafka(settings.source.cluster or "east"), names.offset_syncs_topic)
