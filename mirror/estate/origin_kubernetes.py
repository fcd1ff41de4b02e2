"""The source's credentials, read from Strimzi's Secrets in the source's Kubernetes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirror.clients.kubernetes import Kubernetes
from mirror.estate.findings import Notes
from mirror.estate.kafka_authorization import elsewhere
from mirror.estate.kafka_listeners import bootstrap_of, unfit
from mirror.estate.loops import addresses
from mirror.estate.origin import Content, SourceUser
from mirror.estate.origin_kubernetes_users import read_users
from mirror.problems import CouldNotConnect, CouldNotRead, CouldNotRun, NotThere
from settings.model import Settings

_EXTERNAL = "tls-external"
"""A KafkaUser that logs in with a certificate which the User Operator did not make."""


class LiveOrigin:
    """Implements Origin. Raises CouldNotConnect where the Kubernetes API does not answer."""

    def __init__(self, settings: Settings, side: Kubernetes) -> None:
        self.settings, self.side = settings, side
        self.cluster = settings.source.cluster or ""
        self.namespace = settings.source.namespace or ""
        self._kafka: Mapping[str, Any] | None = None

    def bootstrap_servers(self, notes: Notes) -> str | None:
        """The listener's address in the status of the Kafka, unless the stack file sets one."""
        source = self.settings.source
        try:
            kafka = self.side.strimzi("Kafka", self.namespace, self.cluster)
        except CouldNotConnect:
            raise
        except CouldNotRun as error:
            # Reading it is not permitted: the stack file has the address.
            if source.bootstrap_servers is None:
                notes.note(error)
            return source.bootstrap_servers
        self._kafka = kafka
        if watched := elsewhere(kafka, self.namespace):
            notes.warn(
                f"the User Operator of Kafka {self.namespace}/{self.cluster} looks at namespace {watched} "
                f"(watchedNamespace), but users and their Secrets are read in {self.namespace}. If they are "
                "not there, export them from that namespace (source.exported)"
            )
        notes.add(unfit(kafka, source, source.listener))
        return source.bootstrap_servers or bootstrap_of(kafka, source, source.listener or "", notes)

    def kafka(self) -> Mapping[str, Any] | None:
        """The resource that `bootstrap_servers` read."""
        return self._kafka

    def reader(self) -> Mapping[str, Any] | None:
        """The KafkaUser `source.user` in the cluster's namespace."""
        try:
            return self.side.strimzi("KafkaUser", self.namespace, self.settings.source.user)
        except (NotThere, CouldNotRead):
            return None

    def authorities(self, notes: Notes) -> Content | None:
        """The Secret `source.ca_secret`, else `<cluster>-cluster-ca-cert`."""
        return self._secret(self.settings.source.ca_secret or f"{self.cluster}-cluster-ca-cert", notes)

    def login(self, notes: Notes) -> Content | None:
        """The Secret of `source.user`, compared with its KafkaUser."""
        user = self.settings.source.user
        content = self._secret(user, notes, self._elsewhere)
        self._compare(user, notes)
        return content

    def users(self, notes: Notes) -> list[SourceUser]:
        """The KafkaUsers of `users.copy` and `users.selector`."""
        return read_users(self.side, self.settings, notes)

    def clients_authorities(self, users: list[SourceUser], notes: Notes) -> Content | None:
        """The Secret `<cluster>-clients-ca-cert`."""
        return self._secret(f"{self.cluster}-clients-ca-cert", notes)

    def mirrors(self, notes: Notes) -> list[Mapping[str, Any]]:
        """The KafkaMirrorMaker2 resources of the source's namespace; a warning where listing is forbidden."""
        try:
            return list(self.side.strimzi_list("KafkaMirrorMaker2", self.namespace))
        except CouldNotConnect:
            raise
        except CouldNotRun as error:  # usually: forbidden
            notes.warn(
                "could not check whether another mirror writes to the source, which could make records loop "
                f"between the clusters: {error.tried}: {error.happened}. {error.way_out}"
            )
            return []

    def addresses(self) -> frozenset[str]:
        """The listeners in the status of the Kafka, and the names of its bootstrap Service."""
        return addresses(self._kafka, self.namespace, self.cluster)

    def _secret(self, name: str, notes: Notes, otherwise: Any = None) -> Content | None:
        def read() -> Content:
            try:
                return Content(f"Secret {self.namespace}/{name}", self.side.secret(self.namespace, name))
            except NotThere as error:
                found: Content | None = otherwise(name) if otherwise else None
                if found is None:
                    raise NotThere(error.tried, error.happened, self._meant(name)) from error
                return found

        return notes.attempt(read)

    def _elsewhere(self, user: str) -> Content | None:
        """The user's Secret where the User Operator gives Secrets a prefix (STRIMZI_SECRET_PREFIX).

        The status of the KafkaUser then names the Secret.
        """
        try:
            resource = self.side.strimzi("KafkaUser", self.namespace, user)
            name = (resource.get("status") or {}).get("secret")
            if not name or name == user:
                return None
            return Content(f"Secret {self.namespace}/{name}", self.side.secret(self.namespace, str(name)))
        except (NotThere, CouldNotRead):
            return None

    def _compare(self, user: str, notes: Notes) -> None:
        """Add a finding where the KafkaUser has another authentication than the stack file."""
        resource = self.reader()
        if resource is None:
            return
        kind = ((resource.get("spec") or {}).get("authentication") or {}).get("type")
        wanted = self.settings.source.authentication
        if kind == _EXTERNAL:
            kind = "tls"
        if kind is not None and kind != wanted:
            message = f"its authentication is {kind}, but source.authentication is {wanted}"
            way_out = f"set source.authentication to {kind}, and source.listener to a listener with {kind}"
            notes.note(CouldNotRun(f"KafkaUser {self.namespace}/{user}", message, way_out))

    def _meant(self, name: str) -> str:
        """The way out for a missing Secret; usually source.cluster or source.user is wrong."""
        if name == self.settings.source.ca_secret:
            return "source.ca_secret must be a Secret of the source's namespace with the CA as `*.crt`"
        if name.endswith("-ca-cert"):
            return (
                f"source.cluster must be the `Kafka` resource's name, from which Strimzi derives "
                f"Secret {name} "
                f"(`kubectl get kafka -n {self.namespace}` lists the names)"
            )
        resource = self.reader() if name == self.settings.source.user else None
        if (((resource or {}).get("spec") or {}).get("authentication") or {}).get("type") == _EXTERNAL:
            return (
                f"the User Operator makes no Secret for a {_EXTERNAL} user: create Secret "
                f"{self.namespace}/{name} with its tls.crt and tls.key (cert-manager: spec.secretName), or "
                "give both as source.credentials.certificate and .key"
            )
        return (
            "source.user must be a KafkaUser of the source that is Ready: the User Operator "
            "creates its Secret"
        )
