"""The source's credentials from exported Kubernetes resources (`source.exported`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from mirror.estate import exported_text as files
from mirror.estate.ca_secret_names import CLUSTER_CA, mistaken
from mirror.estate.certificates import common_name, parsable
from mirror.estate.credential_rules import TLS_CERTIFICATE, TLS_KEY, text
from mirror.estate.fenced_user import spec_without_fence
from mirror.estate.findings import Notes
from mirror.estate.origin import Content, SourceUser, labels_of, named
from mirror.problems import CouldNotRun
from settings.model import ExportedSettings, Settings
from settings.model.secret import SecretText

_USERS = "source.exported.kafka_users"
_CA_KEY = "ca.key"
_PRIVATE_KEYS = ("password", "user.key", TLS_KEY, _CA_KEY)
_Found = dict[str, tuple[Mapping[str, Any], str]]


class ExportedOrigin:
    """Implements Origin. A problem in one export does not prevent reading the others."""

    def __init__(self, settings: Settings, exported: ExportedSettings, root: Path) -> None:
        self.settings, self.exported, self.root = settings, exported, root

    def bootstrap_servers(self, notes: Notes) -> str | None:
        """The address in the stack file: exports do not contain it."""
        return self.settings.source.bootstrap_servers

    def kafka(self) -> Mapping[str, Any] | None:
        """None: exports do not contain it."""
        return None

    def reader(self) -> Mapping[str, Any] | None:
        """None: the export of `source.user` is its Secret alone."""
        return None

    def authorities(self, notes: Notes) -> Content | None:
        """The `*.crt` keys of `source.exported.cluster_ca`."""
        setting = "source.exported.cluster_ca"
        found = notes.attempt(lambda: self._secret(self.exported.cluster_ca, setting, self._is_ca, notes))
        if found is None:
            return None
        secret, subject = found
        name = named(secret)
        kind = labels_of(secret).get("strimzi.io/kind")
        wrong = mistaken(name)
        if kind == "KafkaUser":
            wrong = "is the Secret of a user; its ca.crt is the clients CA", f"use <cluster>{CLUSTER_CA}"
        content = self._content(secret, subject, notes)
        usable = content is not None and any(key.endswith(".crt") for key in content.data)
        if wrong and name.endswith("-ca-cert") and not name.endswith("-clients-ca-cert") and usable:
            # Somebody created a Secret with that name by hand: its content is judged like any other.
            notes.warn(f"{subject} {wrong[0]}: {wrong[1]}. Its certificates are used nevertheless")
        elif wrong:
            notes.note(CouldNotRun(subject, f"it {wrong[0]}", wrong[1]))
            return None
        return content

    def login(self, notes: Notes) -> Content | None:
        """The credential in `source.exported.user`."""
        setting = "source.exported.user"
        found = notes.attempt(lambda: self._secret(self.exported.user, setting, self._is_user, notes))
        if found is None:
            return None
        secret, subject = found
        user, name = self.settings.source.user, named(secret)
        # A prefix (STRIMZI_SECRET_PREFIX) does not make it another user.
        content = self._content(secret, subject, notes)
        owner = _owner(secret) or _in_certificate(content) or (user if name.endswith(user) else name)
        if owner != user:
            message = f"it belongs to user {owner}, but source.user is {user}"
            way_out = f"export the Secret of {user}, or set source.user to {owner}"
            notes.note(CouldNotRun(subject, message, way_out))
            return None
        return content

    def users(self, notes: Notes) -> list[SourceUser]:
        """The users of `users.copy` and `users.selector` in `source.exported.kafka_users`."""
        copy, selector = self.settings.users.copy, self.settings.users.selector
        if not copy and not selector:
            return []
        if not self.exported.kafka_users:
            way_out = "set it to files that contain the KafkaUsers and their Secrets (docs/users.md)"
            notes.note(
                CouldNotRun(f"reading {_USERS}", "it is missing, but `users` chooses users to copy", way_out)
            )
            return []
        kafka_users, secrets = self._exported_users(notes)
        chosen = list(dict.fromkeys(copy))
        for name, (resource, _) in kafka_users.items():
            if selector and selector.items() <= labels_of(resource).items() and name not in chosen:
                chosen.append(name)
        result = []
        for name in chosen:
            if name not in kafka_users:
                there = f"it is missing; the exports contain: {', '.join(sorted(kafka_users)) or 'none'}"
                way_out = f"export it too (`oc get kafkauser {name} -o yaml`), or correct users.copy"
                notes.note(CouldNotRun(f"looking for KafkaUser {name} in {_USERS}", there, way_out))
                continue
            resource = kafka_users[name][0]
            user = SourceUser(name, spec_without_fence(resource), labels_of(resource))
            of_it = str((resource.get("status") or {}).get("secret") or name)
            if of_it in secrets:
                user = replace(user, secret=self._content(*secrets[of_it], notes))
            elif user.authentication == "scram-sha-512":
                way_out = f"export it too: `oc get secret {of_it} -o yaml`"
                missing = "it is missing, and it holds the password"
                notes.note(CouldNotRun(f"looking for Secret {of_it} of {name} in {_USERS}", missing, way_out))
            result.append(user)
        return result

    def clients_authorities(self, users: list[SourceUser], notes: Notes) -> Content | None:
        """The `ca.crt` of each TLS user's exported Secret: the clients CA that signed its certificate."""
        data: dict[str, bytes] = {}
        for user in users:
            if user.authentication == "tls":
                certificate = user.secret.data.get("ca.crt") if user.secret else None
                if not certificate:
                    return None
                data[f"{user.name}.crt"] = certificate
        return Content(f"the users' Secrets in {_USERS}", data)

    def mirrors(self, notes: Notes) -> list[Mapping[str, Any]]:
        """None: exports do not show which mirrors run beside the source."""
        return []

    def addresses(self) -> frozenset[str]:
        """None: without mirrors beside the source they are not needed."""
        return frozenset()

    def _exported_users(self, notes: Notes) -> tuple[_Found, _Found]:
        """All KafkaUsers and all Secrets of the exports, by name, each with its subject for messages."""
        kafka_users: _Found = {}
        secrets: _Found = {}
        by_kind = {"KafkaUser": kafka_users, "Secret": secrets}
        for index, value in enumerate(self.exported.kafka_users):
            for one, export in notes.attempt(partial(self._all, value, f"{_USERS}[{index}]")) or []:
                kind, name = str(one.get("kind")), named(one)
                subject = f"{kind} {name} in {export.where}"
                if kind not in by_kind:
                    way_out = "remove it: only KafkaUsers and their Secrets belong here"
                    notes.note(CouldNotRun(subject, "it is neither a KafkaUser nor a Secret", way_out))
                elif name in by_kind[kind]:
                    notes.note(CouldNotRun(subject, "the exports contain it twice", "remove one of them"))
                else:
                    by_kind[kind][name] = one, subject
                    if kind == "Secret":
                        _judge_export(export, one, subject, notes)
        return kafka_users, secrets

    def _all(self, value: SecretText, setting: str) -> list[tuple[Mapping[str, Any], files.Export]]:
        export = files.read(value, setting, self.root)
        return [(one, export) for one in files.resources(export)]

    def _secret(
        self, value: SecretText, setting: str, fits: Any, notes: Notes
    ) -> tuple[Mapping[str, Any], str]:
        """The Secret of an export that fits the setting, and its subject for messages. Raises CouldNotRun."""
        export = files.read(value, setting, self.root)
        found = files.resources(export)
        secrets = [one for one in found if one.get("kind") == "Secret"]
        if not secrets:
            kinds = ", ".join(f"{one.get('kind')} {named(one)}" for one in found)
            way_out = "export the Secret: `oc get secret <name> -o yaml`"
            raise CouldNotRun(f"reading {export.where}", f"it holds no Secret, only {kinds}", way_out)
        fitting = [one for one in secrets if fits(one)]
        chosen = fitting if len(fitting) == 1 else secrets
        if len(chosen) > 1:
            names = ", ".join(sorted(named(one) for one in chosen))
            message = f"it holds several Secrets ({names}), and not exactly one of them fits {setting}"
            raise CouldNotRun(f"reading {export.where}", message, "export that one Secret alone")
        (secret,) = chosen
        subject = f"Secret {named(secret)} in {export.where}"
        _judge_export(export, secret, subject, notes)
        return secret, subject

    def _is_ca(self, secret: Mapping[str, Any]) -> bool:
        cluster = self.settings.source.cluster
        return named(secret) == f"{cluster}{CLUSTER_CA}" if cluster else named(secret).endswith(CLUSTER_CA)

    def _is_user(self, secret: Mapping[str, Any]) -> bool:
        user = self.settings.source.user
        return user in (named(secret), _owner(secret))

    def _content(self, secret: Mapping[str, Any], subject: str, notes: Notes) -> Content | None:
        data = notes.attempt(lambda: files.content_of(secret, subject))
        return None if data is None else Content(subject, data)


def _owner(secret: Mapping[str, Any]) -> str | None:
    """The user whose Secret it is, from the label of the User Operator; None where another program wrote it.

    Helm and Argo CD use the same label for the name of the release or application.
    """
    labels = labels_of(secret)
    by_operator = (
        labels.get("strimzi.io/kind") == "KafkaUser"
        or labels.get("app.kubernetes.io/managed-by") == "strimzi-user-operator"
    )
    return labels.get("app.kubernetes.io/instance") if by_operator else None


def _in_certificate(content: Content | None) -> str | None:
    """The user that `tls.crt` names: a Secret of cert-manager or Vault may have any name."""
    certificates = parsable([text((content.data if content else {}).get(TLS_CERTIFICATE, b""))])
    return common_name(certificates[0]) if certificates else None


def _judge_export(export: files.Export, secret: Mapping[str, Any], subject: str, notes: Notes) -> None:
    """Report a CA's private key in an export. Warn of a user's credential in a file that is not encrypted."""
    keys = files.keys_of(secret)
    if _CA_KEY in keys:
        message = (
            "it holds a CA's private key, with which anybody can create users; region-mirror does not need it"
        )
        notes.note(
            CouldNotRun(subject, message, "delete it from the export, and export only Secrets of users")
        )
    if export.plain_file and not keys.isdisjoint(_PRIVATE_KEYS):
        notes.warn(
            f"{export.where} holds passwords or private keys in plain text: everybody who can read the "
            "checkout can log in. Encrypt it into the stack file (`pulumi config set --secret --path "
            f"'region-mirror:{export.setting}' < {export.where}`), then delete the file"
        )
