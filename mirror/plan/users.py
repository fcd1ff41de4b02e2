"""KafkaUsers that a deployment creates, changes or deletes on the target, and credentials that change."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from manifests.declaration import CREDENTIALS_VERSION, Declaration
from manifests.metadata import Manifest
from manifests.strimzi.standby import is_read_only, may_write
from mirror.estate.kafka_user_differences import differing, operations_by_rule, quotas_in_words
from mirror.plan.planned import DeployedResources, Owner, UserChange
from mirror.text.names import few
from mirror.text.numbers import counted
from settings.model import Settings
from settings.names import Names


def user_changes(
    settings: Settings, declared: Declaration, deployed: DeployedResources
) -> Iterator[UserChange]:
    """Compare declared and deployed users, the mirror's own first; equal ones are left out."""
    names = Names.of(settings)
    own = {names.mirror_user: declared.mirror_user, names.verifier_user: declared.verifier_user}
    wanted: dict[str, Manifest] = {**own, **dict(sorted(declared.copied_users.items()))}
    for name, manifest in wanted.items():
        owner: Owner = "own" if name in own else "copied"
        spec, there = manifest["spec"], deployed.kafka_users.get(name)
        if there is None:
            yield UserChange(name, owner, "appears", tuple(_appearing(spec, name in declared.passwords)))
        elif details := tuple(differing(there.get("spec") or {}, spec)):
            yield UserChange(name, owner, "changes", details)
    for name in () if settings.users_remain else _no_longer_copied(settings, declared, deployed):
        yield UserChange(name, "copied", "goes", ("clients that use it can no longer log in to the target",))


def remaining_notes(settings: Settings, declared: Declaration, deployed: DeployedResources) -> Iterator[str]:
    """Name the users that are not deleted with the line that copied them, and remain for good."""
    if settings.users_remain and (names := _no_longer_copied(settings, declared, deployed)):
        yield (
            f"{counted(len(names), 'user')} of this mirror that `users` does not choose any more "
            f"remain on {settings.target.alias}, and Pulumi does not manage them: {few(names)}"
        )


def _no_longer_copied(settings: Settings, declared: Declaration, deployed: DeployedResources) -> list[str]:
    names = Names.of(settings)
    wanted = {names.mirror_user, names.verifier_user, *declared.copied_users}
    return sorted(deployed.kafka_users.keys() - wanted)


def standby_notes(settings: Settings, declared: Declaration, deployed: DeployedResources) -> Iterator[str]:
    """Return what a reviewer should know of users that are created without Write on mirrored topics."""
    new = [name for name in _read_only(settings, declared) if name not in deployed.kafka_users]
    if new:
        yield (
            f"{counted(len(new), 'copied user')} may read mirrored topics on {settings.target.alias} now, "
            f"and write to them after the promotion (users.standby_writes: refuse): {few(new)}"
        )


def standby_warnings(settings: Settings, declared: Declaration, deployed: DeployedResources) -> Iterator[str]:
    """Warn of users that lose Write: their clients may have been moved by hand."""
    there = {
        name: deployed.kafka_users[name].get("spec") or {}
        for name in _read_only(settings, declared)
        if name in deployed.kafka_users
    }
    if losing := [name for name, spec in there.items() if may_write(settings, spec)]:
        yield (
            f"{counted(len(losing), 'copied user')} may write to mirrored topics on {settings.target.alias} "
            f"now, and this change takes that away until the promotion: {few(losing)}. If producers use them "
            "there already, set `users.standby_writes: allow`"
        )


def _read_only(settings: Settings, declared: Declaration) -> list[str]:
    return [name for name, one in declared.copied_users.items() if is_read_only(settings, one["spec"])]


def _appearing(spec: Mapping[str, Any], keeps_password: bool) -> Iterator[str]:
    kind = (spec.get("authentication") or {}).get("type", "no authentication")
    yield f"{kind}, with the source's password" if keeps_password else str(kind)
    count = sum(len(operations) for operations in operations_by_rule(spec).values())
    yield f"{count} {'permission' if count == 1 else 'permissions'}"
    if spec.get("quotas"):
        yield quotas_in_words(spec)


@dataclass(frozen=True, slots=True)
class CredentialChange:
    """A credential that changes, described without its value.

    `rolls`: whether the worker pods roll, because the credential is part of Strimzi's `auth-hash`. A copied
    user's credential affects only that user's clients.
    """

    words: str
    rolls: bool


def credential_changes(
    settings: Settings, declared: Declaration, deployed: DeployedResources
) -> Iterator[CredentialChange]:
    """Compare declared and deployed credentials; the result holds no credential. What was changed outside
    Pulumi is no change of a deployment.
    """
    alias, user = settings.source.alias, settings.source.user
    outside = set(changed_outside(declared, deployed))

    def changed(manifest: Manifest | None) -> str:
        """Return `password`, `certificate`, or an empty text if nothing changes."""
        if manifest is None or manifest["metadata"]["name"] in outside:
            return ""
        keys = _differs(manifest, deployed)
        return "password" if "password" in keys else "certificate" if keys else ""

    if what := changed(declared.source_user):
        words = f"the {what} of {user}, the mirror's user on {alias}, changes"
        yield CredentialChange(words, rolls=True)
    if changed(declared.source_ca):
        yield CredentialChange(f"the CA certificates of {alias} change", rolls=True)
    for name, manifest in sorted(declared.passwords.items()):
        if what := changed(manifest):
            yield CredentialChange(f"the {what} of {name} changes", rolls=False)


def _differs(manifest: Manifest, deployed: DeployedResources) -> set[str]:
    """Return the keys that differ from the deployed Secret; none if the Secret does not exist yet."""
    there = deployed.secrets.get(manifest["metadata"]["name"])
    if there is None:
        return set()
    wanted = {key: base64.b64decode(value) for key, value in manifest["data"].items()}
    return {key for key in {*there, *wanted} if there.get(key) != wanted.get(key)}


def changed_outside(declared: Declaration, deployed: DeployedResources) -> Iterator[str]:
    """Return the names of Secrets that somebody changed: their content is not the declared one, although the
    stack deployed that last, as the version of the credentials beside them says.
    """
    of_source = [one for one in (declared.source_user, declared.source_ca) if one is not None]
    uses = [(declared.mirror_maker2, deployed.mirror_maker2, one) for one in of_source]
    for user, secret in declared.passwords.items():
        uses.append((declared.copied_users[user], deployed.kafka_users.get(user), secret))
    for wanted, there, secret in uses:
        version = _version(wanted)
        if version is not None and version == _version(there) and _differs(secret, deployed):
            yield secret["metadata"]["name"]


def _version(resource: Mapping[str, Any] | None) -> object:
    metadata = (resource or {}).get("metadata") or {}
    return (metadata.get("annotations") or {}).get(CREDENTIALS_VERSION)
