"""One reconciliation of a KafkaUser, there or gone (KafkaUserOperator, UserControllerLoop)."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from lab.operator import labels
from lab.operator.failures import Failure, execution, invalid_configuration, invalid_resource, reconciliation
from lab.operator.kube import Kubernetes, secret_data
from lab.operator.status import differs, is_paused, main_condition, paused_status
from lab.operator.unknown_fields import unknown_fields
from lab.operator.user import credentials
from lab.operator.user.access import KafkaClient, ignored_users, kafka_client
from lab.operator.user.kafka import Kafka
from lab.operator.user.model import (
    KIND,
    User,
    belongs_to,
    certificate_username,
    resource_name,
    user,
)
from lab.operator.user.quotas import UserQuotas

log = logging.getLogger(__name__)


class UserOperator:
    """The User Operator of one Kafka cluster. Safe to call from several threads for different users."""

    def __init__(self, kube: Kubernetes, namespace: str, cluster: str, quotas: UserQuotas) -> None:
        self.namespace, self.cluster = namespace, cluster
        self._kube, self._quotas = kube, quotas
        self._lock = threading.Lock()
        self._connected: tuple[KafkaClient, Kafka] | None = None

    def reconcile(self, name: str) -> None:
        """Make Kafka and the Secret what the KafkaUser says; without a KafkaUser remove both."""
        resource = self._kube.read(KIND, self.namespace, name)
        if resource is None or not belongs_to(resource, self.cluster):
            self._delete(name)
        elif resource["metadata"].get("deletionTimestamp"):
            return  # its dependents go first, and then the KafkaUser itself, which is when we come in
        elif is_paused(resource):
            self._write_status(resource, paused_status(resource))
        else:
            status = self._create_or_update(resource)
            status["conditions"] += unknown_fields(resource)
            self._write_status(resource, status)

    def all_users(self) -> set[str]:
        """Every name that the periodic pass looks at: KafkaUsers, their Secrets, and whatever Kafka knows."""
        client, kafka = self._connect()
        own = {labels.CLUSTER: self.cluster}
        users = self._kube.list(KIND, self.namespace, own)
        secrets = self._kube.list("Secret", self.namespace, own | {labels.KIND: KIND})
        ignored = ignored_users(self._kube, self.namespace, self.cluster)

        def minded(usernames: set[str]) -> set[str]:
            return {name for name in usernames if ignored is None or not ignored.fullmatch(name)}

        with_subjects = map(resource_name, minded(kafka.acl_users() | self._quotas.users(client)))
        return (
            {resource["metadata"]["name"] for resource in (*users, *secrets)}
            | {name for name in with_subjects if name}
            | minded(kafka.scram_users())
        )

    def _connect(self) -> tuple[KafkaClient, Kafka]:
        client = kafka_client(self._kube, self.namespace, self.cluster)
        with self._lock:
            if self._connected is None or self._connected[0] != client:
                self._connected = (client, Kafka(client.librdkafka))
            return self._connected

    def _create_or_update(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        status: dict[str, Any] = {"observedGeneration": resource["metadata"]["generation"]}
        try:
            wanted = user(resource)
        except Failure as refused:
            return status | {"conditions": [main_condition(_told(execution(reconciliation(refused))))]}
        client, kafka = self._connect()
        current = self._current_secret(wanted.name)
        try:
            password, data = self._credentials(wanted, current)
            self._apply(wanted, resource, password, data, current, client, kafka)
        except Failure as failure:
            return status | {"conditions": [main_condition(_told(execution(failure.wrapped())))]}
        status |= {"conditions": [main_condition(None)], "username": wanted.username}
        return status | ({"secret": wanted.name} if data is not None else {})

    def _credentials(
        self, wanted: User, secret: Mapping[str, Any] | None
    ) -> tuple[str | None, credentials.Data | None]:
        """The SCRAM password, and the data of the user's Secret; None for what there shall not be."""
        current = secret_data(secret)
        if wanted.authentication == "scram-sha-512":
            given = None
            if wanted.password_secret is not None:
                given = self._required(wanted.password_secret, invalid_resource)
            password = credentials.password(wanted, given, current)
            return password, credentials.scram_data(wanted, password)
        if wanted.authentication == "tls":
            annotations = ((secret or {}).get("metadata") or {}).get("annotations") or {}
            return None, credentials.certificate_data(
                wanted,
                self._required(f"{self.cluster}-clients-ca-cert", invalid_configuration),
                self._required(f"{self.cluster}-clients-ca", invalid_configuration),
                current,
                renew=annotations.get(credentials.FORCE_RENEW) == "true",
            )
        return None, None

    def _apply(
        self,
        wanted: User,
        resource: Mapping[str, Any],
        password: str | None,
        data: Mapping[str, bytes] | None,
        current: Mapping[str, Any] | None,
        client: KafkaClient,
        kafka: Kafka,
    ) -> None:
        """Everything that can be done is done; what failed first is raised at the end."""
        by_certificate = wanted.is_certificate_user
        certificate, plain = certificate_username(wanted.name), wanted.name
        steps: list[Callable[[], None]] = [
            lambda: _reconcile_password(wanted.name, password, kafka),
            lambda: self._quotas.reconcile(client, certificate, wanted.quotas if by_certificate else {}),
            lambda: self._quotas.reconcile(client, plain, {} if by_certificate else wanted.quotas),
            lambda: kafka.reconcile_acls(certificate, wanted.acls if by_certificate else ()),
            lambda: kafka.reconcile_acls(plain, () if by_certificate else wanted.acls),
            lambda: self._reconcile_secret(wanted, resource, data, current),
        ]
        _do_all(steps, wanted.acl_failure)

    def _reconcile_secret(
        self,
        wanted: User,
        resource: Mapping[str, Any],
        data: Mapping[str, bytes] | None,
        current: Mapping[str, Any] | None,
    ) -> None:
        if data is None:
            if current is not None:
                self._kube.delete("Secret", self.namespace, wanted.name)
            return
        manifest = credentials.manifest(wanted, resource, data)
        existing = current or self._kube.read("Secret", self.namespace, wanted.name)
        if existing is None or _secret_differs(existing, manifest):
            self._kube.put(manifest, existing)

    def _delete(self, name: str) -> None:
        """Delete what can be deleted, under both names that the user may have had."""
        client, kafka = self._connect()
        log.info("deleting what is left of user %s", name)
        _do_all(
            [
                lambda: self._kube.delete("Secret", self.namespace, name),
                lambda: kafka.reconcile_acls(certificate_username(name), ()),
                lambda: kafka.reconcile_acls(name, ()),
                lambda: kafka.delete_password(name),
                lambda: self._quotas.reconcile(client, certificate_username(name), {}),
                lambda: self._quotas.reconcile(client, name, {}),
            ]
        )

    def _current_secret(self, name: str) -> dict[str, Any] | None:
        """The user's Secret, if it carries the labels by which the User Operator watches Secrets."""
        secret = self._kube.read("Secret", self.namespace, name)
        given = ((secret or {}).get("metadata") or {}).get("labels") or {}
        return secret if {labels.CLUSTER: self.cluster, labels.KIND: KIND}.items() <= given.items() else None

    def _required(self, name: str, missing: Callable[[str], Failure]) -> dict[str, bytes]:
        data = self._kube.secret(self.namespace, name)
        if data is None:
            raise missing(f"Secret {name} in namespace {self.namespace} not found")
        return data

    def _write_status(self, resource: Mapping[str, Any], status: Mapping[str, Any]) -> None:
        latest = self._kube.read(KIND, self.namespace, resource["metadata"]["name"])
        if latest is not None and differs(latest.get("status"), status):
            self._kube.write_status(latest, status)


def _reconcile_password(name: str, password: str | None, kafka: Kafka) -> None:
    if password is None:
        kafka.delete_password(name)
    else:
        kafka.upsert_password(name, password)


def _do_all(steps: list[Callable[[], None]], failed_before: Failure | None = None) -> None:
    failure = failed_before
    for step in steps:
        try:
            step()
        except Failure as problem:
            failure = failure or problem
    if failure is not None:
        raise failure


def _secret_differs(existing: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    metadata, wanted = existing["metadata"], manifest["metadata"]
    return bool(
        secret_data(existing) != manifest["data"]
        or (metadata.get("labels") or {}) != wanted["labels"]
        or (metadata.get("annotations") or {}) != wanted.get("annotations", {})
        or metadata.get("ownerReferences") != wanted["ownerReferences"]
    )


def _told(failure: Failure) -> Failure:
    log.warning("%s", failure.as_java_string)
    return failure
