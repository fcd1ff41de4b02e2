"""What a KafkaUser asks for (KafkaUserModel, SimpleAclRule, QuotaUtils). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.operator import labels
from lab.operator.failures import Failure, illegal_argument, invalid_resource

KIND = "KafkaUser"
_LONGEST_COMMON_NAME = 64
_RESOURCE_NAMES = {"topic": "TOPIC", "group": "GROUP", "transactionalId": "TRANSACTIONAL_ID"}
QUOTAS = {
    "producerByteRate": "producer_byte_rate",
    "consumerByteRate": "consumer_byte_rate",
    "requestPercentage": "request_percentage",
    "controllerMutationRate": "controller_mutation_rate",
}


@dataclass(frozen=True, slots=True, order=True)
class AclRule:
    """One ACL of Kafka, of one operation."""

    resource_type: str
    """topic | group | cluster | transactionalId"""
    name: str
    pattern_type: str
    """literal | prefix"""
    operation: str
    host: str
    permission: str
    """allow | deny"""


@dataclass(frozen=True, slots=True)
class User:
    """One KafkaUser that makes sense."""

    name: str
    authentication: str | None
    """scram-sha-512 | tls | tls-external, or None"""
    acls: frozenset[AclRule]
    acl_failure: Failure | None
    """Why some of the ACLs could not be made; the others are in `acls`."""
    quotas: Mapping[str, float]
    """By Kafka's names; empty when the KafkaUser has none."""
    password_secret: str | None
    password_key: str | None
    validity_days: int | None
    renewal_days: int | None
    secret_labels: Mapping[str, str]
    secret_annotations: Mapping[str, str]

    @property
    def is_certificate_user(self) -> bool:
        """Whether Kafka knows the user by the subject of a certificate."""
        return self.authentication in ("tls", "tls-external")

    @property
    def username(self) -> str:
        """As Kafka knows it: what is in a principal after "User:"."""
        return certificate_username(self.name) if self.is_certificate_user else self.name


def certificate_username(name: str) -> str:
    """The principal's name of a certificate of the KafkaUser `name`."""
    return f"CN={name}"


def belongs_to(resource: Mapping[str, Any], cluster: str) -> bool:
    """Whether the User Operator of the cluster minds this resource at all."""
    given = resource["metadata"].get("labels") or {}
    return bool(given.get(labels.CLUSTER) == cluster)


def user(resource: Mapping[str, Any]) -> User:
    """The KafkaUser, or the Failure that Strimzi reports when the resource itself is refused."""
    secret_labels = labels.user_labels(resource)
    spec: Mapping[str, Any] = resource.get("spec") or {}
    name = resource["metadata"]["name"]
    authentication = spec.get("authentication") or {}
    kind = authentication.get("type")
    if kind == "tls" and len(name) > _LONGEST_COMMON_NAME:
        raise invalid_resource(
            "Users with TLS client authentication can have a username (name of the KafkaUser custom resource)"
            " only up to 64 characters long."
        )
    reference = _password_reference(authentication) if kind == "scram-sha-512" else {}
    acls, acl_failure = _acls(spec)
    template = ((spec.get("template") or {}).get("secret") or {}).get("metadata") or {}
    return User(
        name=name,
        authentication=kind,
        acls=acls,
        acl_failure=acl_failure,
        quotas=_quotas(spec.get("quotas") or {}),
        password_secret=reference.get("name"),
        password_key=reference.get("key"),
        validity_days=authentication.get("validityDays"),
        renewal_days=authentication.get("renewalDays"),
        secret_labels=secret_labels | (template.get("labels") or {}),
        secret_annotations=dict(template.get("annotations") or {}),
    )


def _password_reference(authentication: Mapping[str, Any]) -> Mapping[str, str]:
    given = authentication.get("password")
    if given is None:
        return {}
    reference: Mapping[str, str] = (given.get("valueFrom") or {}).get("secretKeyRef") or {}
    if not reference.get("name") or not reference.get("key"):
        raise invalid_resource(
            "Resource requests custom SCRAM-SHA-512 password but doesn't specify the secret name and/or key"
        )
    return reference


def _acls(spec: Mapping[str, Any]) -> tuple[frozenset[AclRule], Failure | None]:
    authorization = spec.get("authorization") or {}
    rules, failure = [], None
    for given in authorization.get("acls") or []:
        resource = given["resource"]
        kind = resource["type"]
        if kind != "cluster" and not resource.get("name"):
            failure = failure or illegal_argument(
                f"Name is required for resource type: {_RESOURCE_NAMES[kind]}"
            )
            continue
        rules += [
            AclRule(
                resource_type=kind,
                name="kafka-cluster" if kind == "cluster" else resource["name"],
                pattern_type="literal" if kind == "cluster" else resource.get("patternType", "literal"),
                operation=operation,
                host=given.get("host", "*"),
                permission=given.get("type", "allow"),
            )
            for operation in given.get("operations") or []
        ]
    return frozenset(rules), failure


def _quotas(given: Mapping[str, Any]) -> dict[str, float]:
    return {kafka: float(given[key]) for key, kafka in QUOTAS.items() if given.get(key) is not None}


def resource_name(username: str) -> str | None:
    """The KafkaUser that a principal's name stands for; None where it makes no sense (decodeUsername)."""
    if "CN=" not in username:
        return username
    parts = [part.strip().partition("=") for part in username.split(",")]
    if any(not separator for _, separator, _ in parts):
        return None
    return "".join(value for key, _, value in parts if key.strip().lower() == "cn")
