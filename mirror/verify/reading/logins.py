"""Logs in as other users, many at once, and asks the broker what each may do.

A login is a client of librdkafka's with its threads, so only some are open at a time; within one, everything
is asked before the first answer is awaited. Nothing is read, written or created.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from mirror.clients.access import ClusterAccess
from mirror.clients.connection import Errors, explain
from mirror.estate.kafka_user_acls import AclRule, allowed, asked
from mirror.problems import CouldNotConnect, one_line
from mirror.verify.values.user_login import Lacking, Tried

AT_ONCE = 16
LOGIN_SECONDS = 12.0
REQUEST_SECONDS = 15.0
_REFUSED = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)
# A broker answers so only to a user that may Describe the name, and without operations.
_NOT_THERE = frozenset(
    {
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError.GROUP_ID_NOT_FOUND,
    }
)


class Login(NamedTuple):
    """A user to try, and the rules that are declared for it."""

    access: ClusterAccess
    rules: tuple[AclRule, ...]


def log_in(logins: Mapping[str, Login], topics: Collection[str], groups: Collection[str]) -> dict[str, Tried]:
    """Each user's login and rights; `topics` and `groups` are known ones, to try prefixes by."""
    if not logins:
        return {}
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(logins)), thread_name_prefix="login") as pool:
        found = pool.map(lambda one: _log_in(one, topics, groups), logins.values())
        return dict(zip(logins, found, strict=True))


def _log_in(login: Login, topics: Collection[str], groups: Collection[str]) -> Tried:
    errors = Errors()
    config = {
        **login.access.client_config(),
        "error_cb": errors,
        "log_level": 0,
        "client.id": "region-mirror-verify",
        "socket.connection.setup.timeout.ms": 8000,
    }
    try:
        admin = AdminClient(config)
    except KafkaException as error:
        return Tried(refused=one_line(error.args[0].str()), remedy="`pulumi up` copies the credential again")
    try:
        cluster = _await_login(admin, login.access, errors)
    except CouldNotConnect as error:
        # Where the broker said no, the User Operator has to tell Kafka again: the check says how.
        refused = error.happened.startswith("login refused")
        return Tried(refused=error.happened, remedy=None if refused else error.way_out)
    questions = _questions(admin, login.rules, topics, groups)
    if allowed(login.rules, "cluster", ""):
        questions.append(("cluster", "", cluster))
    lacking: list[Lacking] = []
    unasked: list[str] = []
    rights = 0
    for resource, name, future in questions:
        wanted = allowed(login.rules, resource, name)
        held = _held(future)
        if isinstance(held, str):
            unasked.append(held)
            continue
        if held is None:
            rights += 1
            continue
        short = wanted - held
        rights += len(wanted & held)
        if short:
            lacking.append(Lacking(resource, name, tuple(sorted(short))))
    return Tried(lacking=tuple(lacking), unasked=tuple(dict.fromkeys(unasked)), rights=rights)


def _await_login(admin: AdminClient, access: ClusterAccess, errors: Errors) -> Future[Any]:
    """The cluster's description, which every user may have. Raises CouldNotConnect, as soon as the broker
    refuses. (Metadata would bring every topic along.)
    """
    future: Future[Any] = admin.describe_cluster(
        include_authorized_operations=True, request_timeout=LOGIN_SECONDS
    )
    deadline = time.monotonic() + LOGIN_SECONDS + 1
    while not future.done() and time.monotonic() < deadline:
        admin.poll(0.05)
        if errors.decisive and not future.done():
            raise explain(access, errors.seen)
    if not future.done():
        raise explain(access, errors.seen)
    failure = future.exception()
    if isinstance(failure, KafkaException):
        error = failure.args[0]
        raise explain(access, [*errors.seen, (error.code(), one_line(error.str()))])
    return future


def _questions(
    admin: AdminClient, rules: Iterable[AclRule], topics: Collection[str], groups: Collection[str]
) -> list[tuple[str, str, Future[Any]]]:
    """Everything that the rules can be tried by, asked at once."""
    rules = list(rules)
    found: list[tuple[str, str, Future[Any]]] = []
    options: dict[str, Any] = {"include_authorized_operations": True, "request_timeout": REQUEST_SECONDS}
    if names := _describable(rules, "topic", topics):
        answers = admin.describe_topics(TopicCollection(names), **options)
        found += [("topic", name, future) for name, future in answers.items()]
    if names := _describable(rules, "group", groups):
        answers = admin.describe_consumer_groups(names, **options)
        found += [("group", name, future) for name, future in answers.items()]
    return found


def _describable(rules: list[AclRule], resource: str, known: Collection[str]) -> list[str]:
    """The names that the user may Describe: the broker answers about no others."""
    return [name for name in asked(rules, resource, known) if "Describe" in allowed(rules, resource, name)]


def _held(future: Future[Any]) -> frozenset[str] | str | None:
    """What the user may do; None where the resource is not there but may be described; else why not known."""
    try:
        answer = future.result(timeout=REQUEST_SECONDS + 5)
    except KafkaException as error:
        code = error.args[0].code()
        if code in _REFUSED:
            return frozenset()
        return None if code in _NOT_THERE else one_line(error.args[0].str())
    except FutureTimeout:
        return "no answer in time"
    operations = answer.authorized_operations
    return None if operations is None else frozenset(_strimzis(one.name) for one in operations)


def _strimzis(name: str) -> str:
    """`DESCRIBE_CONFIGS` as Strimzi spells it: `DescribeConfigs`."""
    return "".join(part.capitalize() for part in name.split("_"))
