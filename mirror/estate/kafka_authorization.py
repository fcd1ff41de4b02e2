"""Judges from `Kafka` resources whether users can be created, and what users may do without any ACL. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mirror.estate.kafka_user_acls import rules_of
from mirror.problems import Finding

EVERYONE = "allow.everyone.if.no.acl.found"
_WITH_ACLS = "simple"
_OTHER_CLUSTER = "or choose another target: region-mirror gives each of its own users ACLs"


class Permitted(NamedTuple):
    """What a user may do on the source without an ACL. `by` is the reason; `everything`: also where the
    user has ACLs of its own."""

    user: str
    by: str
    everything: bool


def takes_no_users(kafka: Mapping[str, Any], namespace: str, cluster: str, reconciled: bool) -> list[Finding]:
    """Findings for a target whose User Operator would not create our users, or not as MM2 expects them.

    `reconciled`: a KafkaUser of this cluster has a status, so a User Operator runs (it can be installed
    without the `Kafka` resource).
    """
    spec, subject = kafka.get("spec"), f"Kafka {namespace}/{cluster}"
    if spec is None or spec.get("kafka") is None:
        return []
    return [
        *_takes_no_acls(spec["kafka"].get("authorization"), subject),
        *_user_operator(spec, subject, namespace, reconciled),
    ]


def elsewhere(kafka: Mapping[str, Any] | None, namespace: str) -> str | None:
    """The namespace of the users of a cluster, where that is not the cluster's own (`watchedNamespace`)."""
    watched = _operator_of((kafka or {}).get("spec") or {}).get("watchedNamespace")
    return str(watched) if watched and watched != namespace else None


def _takes_no_acls(authorization: Mapping[str, Any] | None, subject: str) -> Iterator[Finding]:
    """The User Operator rejects users with ACLs where the authorizer takes none (`KafkaUserModel.fromCrd`,
    `supportsAdminApi` of the kinds of `KafkaAuthorization`).
    """
    if not authorization:
        message = "it has no spec.kafka.authorization, so the User Operator rejects users with ACLs"
        yield Finding(subject, message, f"set spec.kafka.authorization to `{{type: {_WITH_ACLS}}}`")
        return
    kind = authorization.get("type")
    way_out = {
        "custom": ("supportsAdminApi", "if the authorizer stores ACLs"),
        "keycloak": ("delegateToKafkaAcls", "so that Kafka's own ACLs count too"),
    }.get(str(kind))
    if kind == _WITH_ACLS or (way_out and authorization.get(way_out[0])):
        return
    message = f"its authorization is {kind}"
    if way_out:
        message += f" without `{way_out[0]}: true`"
    message += ", which takes no ACLs, so the User Operator rejects users with ACLs"
    remedy = f"set spec.kafka.authorization to `{{type: {_WITH_ACLS}}}`, {_OTHER_CLUSTER}"
    if way_out:
        remedy = f"set spec.kafka.authorization.{way_out[0]} to true {way_out[1]}, {_OTHER_CLUSTER}"
    yield Finding(subject, message, remedy)


def _user_operator(
    spec: Mapping[str, Any], subject: str, namespace: str, reconciled: bool
) -> Iterator[Finding]:
    where = "spec.entityOperator.userOperator"
    if (spec.get("entityOperator") or {}).get("userOperator") is None:
        if not reconciled:
            message = f"it has no {where}, so no User Operator creates users and their credentials"
            yield Finding(subject, message, f"add `{where}: {{}}`")
        return
    if watched := elsewhere({"spec": spec}, namespace):
        message = f"its User Operator looks at namespace {watched}, not at {namespace}"
        remedy = f"remove {where}.watchedNamespace: KafkaUsers are declared in the namespace of the Kafka"
        yield Finding(subject, message, remedy)
    if prefix := _operator_of(spec).get("secretPrefix"):
        message = (
            f"its User Operator names the Secrets of users {prefix}<user>, but the mirror and its verifier "
            "read them under the user's name"
        )
        yield Finding(subject, message, f"remove {where}.secretPrefix")


def _operator_of(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    return (spec.get("entityOperator") or {}).get("userOperator") or {}


def permitted(kafka: Mapping[str, Any] | None, users: Mapping[str, Mapping[str, Any]]) -> list[Permitted]:
    """The users (`spec` by name) that a cluster lets do more than their ACLs say."""
    spec = ((kafka or {}).get("spec") or {}).get("kafka")
    if spec is None:
        return []
    authorization = spec.get("authorization") or {}
    supers = [str(one).removeprefix("User:") for one in authorization.get("superUsers") or ()]
    everyone = str((spec.get("config") or {}).get(EVERYONE, "")).lower() == "true"
    found = []
    for name, user in users.items():
        if not authorization:
            found.append(Permitted(name, "its brokers have no authorization", everything=True))
        elif principal := next((one for one in supers if _is(one, name, user)), None):
            found.append(Permitted(name, f"its superUsers contain {principal}", everything=True))
        elif everyone:
            found.append(Permitted(name, f"its config sets {EVERYONE}", everything=False))
    return found


def _is(principal: str, name: str, spec: Mapping[str, Any]) -> bool:
    """Whether `superUsers` means this user: Strimzi's own certificates have a CN alone, those of another
    issuer (`tls-external`) may have more.
    """
    kind = (spec.get("authentication") or {}).get("type")
    if kind == "tls-external":
        return f"CN={name}" in [part.strip() for part in principal.split(",")]
    return principal == (f"CN={name}" if kind == "tls" else name)


def fewer_permissions(
    source: Mapping[str, Any] | None,
    target: Mapping[str, Any] | None,
    users: Mapping[str, Mapping[str, Any]],
    aliases: tuple[str, str],
) -> list[Finding]:
    """Findings for copied users (`spec` by name) whose permissions on the source are not their ACLs.

    `allow.everyone.if.no.acl.found` concerns only users without ACLs here: whether another user depends on
    it cannot be told from its KafkaUser.
    """
    if target is None:
        return []
    there = {one.user: one for one in permitted(target, users)}
    found = []
    for one in permitted(source, users):
        acls = len(rules_of(users[one.user]))
        if one.user in there and (there[one.user].everything or not one.everything):
            continue
        if acls and not one.everything:
            continue
        many = f"only the {acls} ACLs of its KafkaUser" if acls else "no permission: its KafkaUser has no ACL"
        message = f"{aliases[0]} permits more than ACLs ({one.by}); on {aliases[1]} it has {many}"
        remedy = (
            f"give its KafkaUser on {aliases[0]} the ACLs that its applications need, or list it in "
            f"superUsers of the Kafka of {aliases[1]}, or remove it from `users`"
        )
        found.append(Finding(f"user {one.user}", message, remedy))
    return found


def specs_by_name(users: Iterable[Any]) -> dict[str, Mapping[str, Any]]:
    """Users that have `name` and `spec`, as `permitted` takes them."""
    return {one.name: one.spec for one in users}
