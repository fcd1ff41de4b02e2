"""Kafka's ACLs through the Admin API: read, create, and delete exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Self

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
)

from mirror.clients.access import ClusterAccess
from mirror.clients.answers import REQUEST_SECONDS, all_settled, required
from mirror.clients.connection import Errors, await_metadata
from mirror.clients.records import Unread
from mirror.problems import CouldNotRun

_AT_ONCE = 500
"""ACLs in one request."""


class Acl(NamedTuple):
    """One ACL of Kafka: an operation of a principal on the resources of a pattern. Names as in Kafka's
    enumerations: `TOPIC`, `LITERAL`, `WRITE`, `DENY`.
    """

    resource: str
    name: str
    pattern: str
    principal: str
    host: str
    operation: str
    permission: str

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        """Build it from its values, as they were written to JSON."""
        return cls(*map(str, values))

    def is_for(self, name: str) -> bool:
        """Whether its pattern matches the name of a resource of its type: by name, by `*`, or by prefix
        (`StandardAuthorizerData`)."""
        return name.startswith(self.name) if self.pattern == "PREFIXED" else self.name in (name, "*")


def deny_write(topic: str) -> Acl:
    """The ACL by which nobody but super users may write to the topic. A DENY overrides every ALLOW."""
    return Acl("TOPIC", topic, "LITERAL", "User:*", "*", "WRITE", "DENY")


def concerning(acls: Iterable[Acl]) -> Callable[[str], bool]:
    """Return the test whether one of these ACLs applies to a topic, as `Acl.is_for` says. Thousands of topics
    are tested against thousands of ACLs while producers wait: not each pair.
    """
    return matching((acl.name, acl.pattern == "PREFIXED") for acl in acls if acl.resource == "TOPIC")


def matching(patterns: Iterable[tuple[str, bool]]) -> Callable[[str], bool]:
    """Return the test whether one of these patterns matches a name. Each: the name, and whether it is a
    prefix.
    """
    every = set(patterns)
    names = {name for name, prefix in every if not prefix}
    prefixes = tuple(name for name, prefix in every if prefix)
    return lambda name: "*" in names or name in names or name.startswith(prefixes)


class Acls:
    """The ACLs of one cluster, as an administrator."""

    def __init__(self, admin: AdminClient, access: ClusterAccess) -> None:
        self._admin = admin
        self._access = access

    def of_topics(self) -> frozenset[Acl]:
        """Every ACL on topics. Raises CouldNotRead: the administrator needs Describe on the cluster."""
        return self._described(ResourceType.TOPIC)

    def of_everything(self) -> frozenset[Acl]:
        """Every ACL. Raises CouldNotRead, as `of_topics`."""
        return self._described(ResourceType.ANY)

    def _described(self, kind: ResourceType) -> frozenset[Acl]:
        future = self._admin.describe_acls(_every(kind), request_timeout=REQUEST_SECONDS)
        return frozenset(_acl(binding) for binding in required(self._access, future, "its ACLs"))

    def create(self, acls: Iterable[Acl]) -> None:
        """Create ACLs; fine where they exist. Raises CouldNotRun: it needs Alter on the cluster."""
        for some in _portions(sorted(acls)):
            futures = self._admin.create_acls(
                [AclBinding(*_values(acl)) for acl in some], request_timeout=REQUEST_SECONDS
            )
            self._settle(futures, "creating")

    def delete(self, acls: Iterable[Acl]) -> None:
        """Delete exactly these ACLs; fine where they do not exist. Raises CouldNotRun."""
        for some in _portions(sorted(acls)):
            futures = self._admin.delete_acls([_filter(acl) for acl in some], request_timeout=REQUEST_SECONDS)
            self._settle(futures, "deleting")

    def broker_settings(self, names: Iterable[str]) -> Mapping[str, str | None]:
        """The values of settings in the brokers' properties, of those that are set; None for a hidden value.

        Brokers hide the values of settings that KafkaConfig does not know, as those of an authorizer. Raises
        CouldNotConnect and CouldNotRead.
        """
        # From the metadata: `describe_cluster` ends the process where a broker was frozen (`Cluster.nodes`).
        brokers = await_metadata(self._admin, self._access, Errors()).brokers
        asked = [ConfigResource(ResourceType.BROKER, str(min(brokers)))]
        wanted = frozenset(names)
        [future] = self._admin.describe_configs(asked, request_timeout=REQUEST_SECONDS).values()
        found = required(self._access, future, "the settings of a broker")
        return {name: entry.value for name, entry in found.items() if name in wanted}

    def _settle(self, futures: Mapping[Any, Any], doing: str) -> None:
        answers = all_settled(futures)
        failed = [(what, one.reason) for what, one in answers.items() if isinstance(one, Unread)]
        if failed:
            what, reason = failed[0]
            raise CouldNotRun(
                f"{doing} {len(failed)} of {len(answers)} ACLs on {self._access.describe()}",
                f"topic {what.name}: {reason}",
                "use the login of an administrator who has Alter on the cluster",
            )


def _portions(acls: list[Acl]) -> Iterable[list[Acl]]:
    return (acls[first : first + _AT_ONCE] for first in range(0, len(acls), _AT_ONCE))


def _acl(binding: Any) -> Acl:
    """`binding`: an AclBinding, whose enumerations are typed as if they could still be text."""
    return Acl(
        binding.restype.name,
        binding.name,
        binding.resource_pattern_type.name,
        binding.principal,
        binding.host,
        binding.operation.name,
        binding.permission_type.name,
    )


def _values(acl: Acl) -> tuple[Any, ...]:
    """The arguments of AclBinding and of AclBindingFilter."""
    return (
        ResourceType[acl.resource],
        acl.name,
        ResourcePatternType[acl.pattern],
        acl.principal,
        acl.host,
        AclOperation[acl.operation],
        AclPermissionType[acl.permission],
    )


def _filter(acl: Acl) -> AclBindingFilter:
    """Match one ACL exactly."""
    return AclBindingFilter(*_values(acl))


def _every(kind: ResourceType) -> AclBindingFilter:
    """Match every ACL on resources of a type."""
    anything: Any = None
    return AclBindingFilter(
        kind,
        anything,
        ResourcePatternType.ANY,
        anything,
        anything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
