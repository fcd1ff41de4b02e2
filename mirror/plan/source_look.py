"""Looks at the source's Kafka for a plan: topics, groups and records of added topics, within a few seconds.

A part that cannot be read, or takes too long, becomes a sentence in the plan, never an error.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TypeVar

from manifests.estate import Estate
from manifests.strimzi.resource import MirrorFlow
from mirror.clients.access import (
    PLAIN,
    SCRAM_MECHANISMS,
    ClusterAccess,
    Credential,
    MskIamCredential,
    NoCredential,
    PlainCredential,
    ScramCredential,
    TlsCredential,
    compares_host_names,
)
from mirror.clients.cluster import Cluster
from mirror.clients.records import Bounds, ConfigValue, TopicPartition
from mirror.estate import oauth
from mirror.plan import matches
from mirror.plan.planned import SourceLook
from mirror.problems import CouldNotRun, one_line
from settings.model import Settings

LOOK_SECONDS = 5.0
"""Limit for reading the source's Kafka."""
_MOST_COUNTED = 2_000  # added topics with their configurations; partitions whose records are counted

Finish = Callable[[MirrorFlow | None, float], SourceLook]
"""Waits for a look at the source, at most this many seconds. The deployed flow tells which topics enter."""
T = TypeVar("T")


def source_access(settings: Settings, estate: Estate) -> ClusterAccess:
    """Return the login of MM2 on the source: the stack's source user with its credential from `estate`.

    Raises KeyError for a missing Secret key.
    """
    source, secret = settings.source, estate.source.user_secret
    credential: Credential
    if not source.logs_in:
        credential = NoCredential()
    elif source.msk_iam is not None:
        identity = source.msk_iam
        credential = MskIamCredential(source.user, identity.region, identity.role_arn or "")
    elif source.authentication == "tls":
        credential = TlsCredential(secret["user.crt"], secret["user.key"], source.user)
    elif source.oauth is not None:
        credential = oauth.given(source.user, source.oauth, secret["password"])
    elif source.authentication == PLAIN:
        credential = PlainCredential(source.user, secret["password"])
    else:
        mechanism = SCRAM_MECHANISMS[source.authentication]
        credential = ScramCredential(source.user, secret["password"], mechanism)
    ca = "\n".join(estate.source.ca[key] for key in sorted(estate.source.ca))
    servers = estate.source.bootstrap_servers
    names = compares_host_names(settings.mirror.config.source_client)
    return ClusterAccess(servers, ca, credential, source.alias, encrypted=source.encrypted, host_names=names)


@contextmanager
def look_at_source(settings: Settings, estate: Estate) -> Iterator[Finish]:
    """Read the source's topics and groups while the block runs, which finishes the look; without that the
    look ends with the block.
    """
    try:
        access = source_access(settings, estate)
    except KeyError as error:
        why = f"the Secret of the source user has no {error}"
        unread = SourceLook(topics_unknown=why, groups_unknown=why)
        yield lambda _flow, _seconds: unread
        return
    look = StartedLook(access, settings)
    try:
        yield look.finish
    finally:
        look.give_up()


class StartedLook:
    """Parts read so far; the reading thread sets each part once. It starts at once."""

    def __init__(self, access: ClusterAccess, settings: Settings) -> None:
        self._access, self._settings = access, settings
        self._flow: Future[MirrorFlow | None] = Future()
        self._topics: dict[str, int] | str | None = None
        self._groups: tuple[str, ...] | str | None = None
        self._others: tuple[str, ...] = ()
        self._records: dict[str, int] = {}
        self._configs: dict[str, Mapping[str, ConfigValue]] = {}
        # A daemon thread: librdkafka cannot be interrupted, and late answers are dropped.
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"look at {access.alias}")
        self._thread.start()

    def finish(self, flow: MirrorFlow | None, seconds: float) -> SourceLook:
        """Count what the deployed `flow` does not mirror yet, and return what is read within `seconds`; parts
        that take longer are unknown.
        """
        self._flow.set_result(flow)
        self._thread.join(seconds)
        return self._result(f"{self._access.alias} did not answer within {seconds:g} s")

    def give_up(self) -> None:
        """Let the thread end, and close its connections, where nobody has finished the look."""
        self._flow.cancel()

    def _run(self) -> None:
        try:
            self._look()
        except Exception as error:  # no failure of a client library may stop a preview
            why = f"{type(error).__name__}: {one_line(error)}"
            self._topics = self._topics or why
            self._groups = self._groups or why

    def _look(self) -> None:
        with Cluster(self._access) as cluster:
            cluster.start_group_helper()
            try:
                cluster.connect()
            except CouldNotRun as error:
                self._topics = self._groups = one_line(error.happened)
                return
            self._topics = _attempt(
                lambda: {name: topic.partitions for name, topic in cluster.topics().items()}
            )
            groups = _attempt(lambda: tuple(cluster.groups()))
            if isinstance(groups, tuple):
                others = _attempt(lambda: tuple(cluster.other_groups()))
                # Without the groups of other types the plan would be silent about them.
                groups = groups if isinstance(others, tuple) else others
                self._others = others if isinstance(others, tuple) else ()
            self._groups = groups
            if isinstance(self._topics, dict):
                topics = self._topics
                counted = _attempt(lambda: self._count(cluster, topics))
                self._records = counted if isinstance(counted, dict) else {}
                configs = _attempt(
                    lambda: cluster.topic_config_values(self._entering(topics)[:_MOST_COUNTED])
                )
                if isinstance(configs, dict):
                    self._configs = {name: one for name, one in configs.items() if isinstance(one, Mapping)}

    def _entering(self, topics: dict[str, int]) -> list[str]:
        return matches.entering_topics(self._settings, self._flow.result(), topics)

    def _count(self, cluster: Cluster, topics: dict[str, int]) -> dict[str, int]:
        entering = self._entering(topics)
        if sum(topics[name] for name in entering) > _MOST_COUNTED:
            return {}
        partitions = [TopicPartition(name, one) for name in entering for one in range(topics[name])]
        records = dict.fromkeys(entering, 0)
        for partition, bounds in cluster.bounds(partitions).items():
            if isinstance(bounds, Bounds):
                records[partition.topic] += bounds.end - bounds.start
            else:
                return {}
        return records

    def _result(self, late: str) -> SourceLook:
        topics, groups, records = self._topics, self._groups, self._records
        return SourceLook(
            {name: (count, records.get(name)) for name, count in topics.items()}
            if isinstance(topics, dict)
            else {},
            groups if isinstance(groups, tuple) else (),
            None if isinstance(topics, dict) else (topics or late),
            None if isinstance(groups, tuple) else (groups or late),
            self._others if isinstance(groups, tuple) else (),
            self._configs,
        )


def _attempt(read: Callable[[], T]) -> T | str:
    """Return the answer, or a sentence with the reason of the failure."""
    try:
        return read()
    except CouldNotRun as error:
        return one_line(error.happened)
    except (re.error, Warning, OSError) as error:
        return one_line(error)
