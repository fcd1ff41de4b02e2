"""ACLs and SCRAM credentials in Kafka (SimpleAclOperator, ScramCredentialsOperator)."""

import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from lab.operator.failures import Failure
from lab.operator.user.model import AclRule

_ITERATIONS = 4096
_SECONDS = 30.0
_TYPES = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "cluster": ResourceType.BROKER,  # librdkafka's name for Kafka's CLUSTER, both have the code 4
    "transactionalId": ResourceType.TRANSACTIONAL_ID,
}
_PATTERNS = {"literal": ResourcePatternType.LITERAL, "prefix": ResourcePatternType.PREFIXED}
_OPERATIONS = {
    "All": AclOperation.ALL,
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
    "Create": AclOperation.CREATE,
    "Delete": AclOperation.DELETE,
    "Alter": AclOperation.ALTER,
    "Describe": AclOperation.DESCRIBE,
    "ClusterAction": AclOperation.CLUSTER_ACTION,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
    "AlterConfigs": AclOperation.ALTER_CONFIGS,
    "IdempotentWrite": AclOperation.IDEMPOTENT_WRITE,
}
_PERMISSIONS = {"allow": AclPermissionType.ALLOW, "deny": AclPermissionType.DENY}
_PRINCIPAL = "User:"


class Kafka:
    """One Kafka cluster, as its administrator. Failures are those of Kafka's Java client."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._admin = AdminClient(config)
        self._salt = secrets.token_bytes(26)
        """The same for the operator's life, so that upserting the same password changes nothing."""

    def reconcile_acls(self, username: str, desired: Iterable[AclRule]) -> None:
        """Delete what is too much, then create what is missing."""
        wanted = {_binding(username, rule) for rule in desired}
        current = set(self._acls(username))
        surplus = [
            AclBindingFilter(
                acl.restype,
                acl.name,
                acl.resource_pattern_type,
                acl.principal,
                acl.host,
                acl.operation,
                acl.permission_type,
            )
            for acl in current - wanted
        ]
        if surplus:
            _wait_all(lambda: self._admin.delete_acls(surplus, request_timeout=_SECONDS).values())
        missing = list(wanted - current)
        if missing:
            _wait_all(lambda: self._admin.create_acls(missing, request_timeout=_SECONDS).values())

    def upsert_password(self, username: str, password: str) -> None:
        """Set a user's SCRAM-SHA-512 password."""
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
        change = UserScramCredentialUpsertion(username, info, password.encode(), self._salt)
        _wait_all(lambda: self._admin.alter_user_scram_credentials([change]).values())

    def delete_password(self, username: str) -> None:
        """Delete a user's SCRAM-SHA-512 password; fine when there is none."""
        if username in self.scram_users():
            change = UserScramCredentialDeletion(username, ScramMechanism.SCRAM_SHA_512)
            _wait_all(lambda: self._admin.alter_user_scram_credentials([change]).values())

    def scram_users(self) -> set[str]:
        """Users with a SCRAM-SHA-512 credential."""
        found = _wait(lambda: self._admin.describe_user_scram_credentials(request_timeout=_SECONDS))
        return {
            name
            for name, described in found.items()
            if any(
                info.mechanism == ScramMechanism.SCRAM_SHA_512 for info in described.scram_credential_infos
            )
        }

    def acl_users(self) -> set[str]:
        """Users that have ACLs, as principals name them: `CN=name` for users with a certificate."""
        return {acl.principal.removeprefix(_PRINCIPAL) for acl in self._acls(None)}

    def _acls(self, username: str | None) -> list[AclBinding]:
        anything: Any = None
        principal: Any = None if username is None else f"{_PRINCIPAL}{username}"
        every = AclBindingFilter(
            ResourceType.ANY,
            anything,
            ResourcePatternType.ANY,
            principal,
            anything,
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        found: list[AclBinding] = _wait(lambda: self._admin.describe_acls(every, request_timeout=_SECONDS))
        return [acl for acl in found if acl.principal.startswith(_PRINCIPAL)]


def _binding(username: str, rule: AclRule) -> AclBinding:
    return AclBinding(
        _TYPES[rule.resource_type],
        rule.name,
        _PATTERNS[rule.pattern_type],
        f"{_PRINCIPAL}{username}",
        rule.host,
        _OPERATIONS[rule.operation],
        _PERMISSIONS[rule.permission],
    )


def _wait(call: Callable[[], Any]) -> Any:
    try:
        return call().result(timeout=_SECONDS + 5)
    except KafkaException as problem:
        raise failure_of(problem) from None


def _wait_all(call: Callable[[], Iterable["Future[Any]"]]) -> None:
    """Wait for all, then fail with the first that failed."""
    failures: list[Failure] = []
    for future in list(call()):
        try:
            future.result(timeout=_SECONDS + 5)
        except KafkaException as problem:
            failures.append(failure_of(problem))
    if failures:
        raise failures[0]


def failure_of(problem: KafkaException) -> Failure:
    """The exception that Kafka's Java client would raise."""
    error: KafkaError = problem.args[0]
    name = "".join(part.capitalize() for part in error.name().strip("_").split("_"))
    if error.name() in ("_TIMED_OUT", "_TIMED_OUT_QUEUE", "_TRANSPORT", "_ALL_BROKERS_DOWN"):
        name = "Timeout"
    return Failure(f"org.apache.kafka.common.errors.{name}Exception", error.str())
