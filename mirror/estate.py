"""What must be known of both sides before anything is declared. All problems are raised at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from manifests.estate import CopiedUser, Estate, SourceEstate, TargetEstate
from mirror.certificates import judge_client, judge_trust
from mirror.kubernetes import Kubernetes
from mirror.problems import CouldNotConnect, CouldNotRun
from mirror.report import Finding
from settings.model import Settings, SourceSettings, TargetSettings

SCRAM, TLS = "scram-sha-512", "tls"
T = TypeVar("T")


class EstateError(CouldNotRun):
    """Everything that is missing or wrong on either side, at once."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        lines = [f"\n  - {finding.subject}: {finding.message}\n    {finding.remedy}" for finding in findings]
        count = f"{len(findings)} problem{'s' if len(findings) != 1 else ''}"
        super().__init__("looking at both regions before anything is declared", count + "".join(lines), "")

    def __str__(self) -> str:
        return f"{self.tried}: {self.happened}"


def read_estate(settings: Settings, root: Path) -> Estate:
    """Reads both regions' Kubernetes (no Kafka). `root` is the folder that kubeconfig paths start from.

    Raises EstateError with all problems.
    """
    reading = _Reading(timedelta(days=settings.verification.certificate_margin_days))
    source_side = reading.attempt(lambda: connect(settings.source, root))
    target_side = reading.attempt(lambda: connect(settings.target, root))
    with ThreadPoolExecutor(max_workers=4) as pool:
        source_future = pool.submit(reading.source, source_side, settings) if source_side else None
        target_future = pool.submit(reading.target, target_side, settings.target) if target_side else None
    source = source_future.result() if source_future else None
    target = target_future.result() if target_future else None
    if reading.findings or source is None or target is None:
        raise EstateError(reading.findings)
    return Estate(source, target)


def connect(side: SourceSettings | TargetSettings, root: Path) -> Kubernetes:
    """The Kubernetes of one side, from its kubeconfig (relative to `root`) and context."""
    return Kubernetes.connect(root / side.kubeconfig if side.kubeconfig else None, side.context)


class _Reading:
    """Reads piece by piece and goes on after a problem, so that one run names them all."""

    def __init__(self, margin: timedelta) -> None:
        self.margin = margin
        self.findings: list[Finding] = []

    def attempt(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except CouldNotRun as error:
            self.note(error)
            return None

    def note(self, error: CouldNotRun) -> None:
        finding = Finding(error.tried, error.happened, error.way_out)
        if finding not in self.findings:
            self.findings.append(finding)

    def source(self, side: Kubernetes, settings: Settings) -> SourceEstate | None:
        source, namespace = settings.source, settings.source.namespace or ""
        # One read decides whether this side answers at all: else each of the reads would wait and say so.
        try:
            bootstrap = self._bootstrap(side, source, source.bootstrap_servers)
        except CouldNotConnect as error:
            self.note(error)
            return None
        ca = self._cluster_ca(side, namespace, source.cluster or "")
        user = self._user_secret(side, source)
        with ThreadPoolExecutor(max_workers=8) as pool:
            copied = list(
                pool.map(lambda name: self._copied_user(side, namespace, name), settings.users.copy)
            )
        if bootstrap is None or ca is None or user is None:
            return None
        return SourceEstate(bootstrap, ca, user, tuple(one for one in copied if one is not None))

    def target(self, side: Kubernetes, target: TargetSettings) -> TargetEstate | None:
        try:
            bootstrap = self._bootstrap(side, target, None)
        except CouldNotConnect as error:
            self.note(error)
            return None
        ca = self._cluster_ca(side, target.namespace, target.cluster)
        return TargetEstate(bootstrap, ca) if bootstrap is not None and ca is not None else None

    def _bootstrap(
        self, side: Kubernetes, settings: SourceSettings | TargetSettings, given: str | None
    ) -> str | None:
        if given:
            return given
        subject = f"Kafka {settings.namespace}/{settings.cluster}"
        try:
            kafka = side.strimzi("Kafka", settings.namespace or "", settings.cluster or "")
        except CouldNotConnect:
            raise
        except CouldNotRun as error:
            self.note(error)
            return None
        listeners = {one.get("name"): one for one in (kafka.get("status") or {}).get("listeners") or []}
        listener = listeners.get(settings.listener)
        known = ", ".join(sorted(str(name) for name in listeners)) or "none"
        if listener is None:
            self.findings.append(
                Finding(
                    subject,
                    f"its status has no listener {settings.listener!r}; it has: {known}",
                    f"set `listener` of {settings.alias} in the stack file to one of them, or wait until the "
                    "cluster is Ready",
                )
            )
            return None
        address = listener.get("bootstrapServers") or ""
        if not address:
            self.findings.append(
                Finding(
                    subject,
                    f"listener {settings.listener!r} has no address in the status",
                    "wait until the cluster is Ready, or look at the listener's Service or Route",
                )
            )
            return None
        return str(address)

    def _cluster_ca(self, side: Kubernetes, namespace: str, cluster: str) -> dict[str, str] | None:
        name = f"{cluster}-cluster-ca-cert"
        data = self.attempt(lambda: side.secret(namespace, name))
        if data is None:
            return None
        certificates = {key: _text(value) for key, value in data.items() if key.endswith(".crt")}
        self.findings += judge_trust(certificates, f"Secret {namespace}/{name}", margin=self.margin)
        return certificates

    def _user_secret(self, side: Kubernetes, source: SourceSettings) -> dict[str, str] | None:
        subject = f"Secret {source.namespace}/{source.user}"
        data = self.attempt(lambda: side.secret(source.namespace or "", source.user))
        if data is None:
            return None
        keys = ("password",) if source.authentication == SCRAM else ("user.crt", "user.key")
        missing = [key for key in keys if not data.get(key)]
        if missing:
            message = f"it has no {' and no '.join(missing)}; it has: {', '.join(sorted(data)) or 'nothing'}"
            remedy = (
                f"set `authentication` of the source to what KafkaUser {source.user} uses, or wait for the "
                "User Operator"
            )
            self.findings.append(Finding(subject, message, remedy))
            return None
        if source.authentication == SCRAM:
            trimmed = {"password": _password(data["password"])}
            self.findings += judge_password(trimmed["password"], subject)
        else:
            trimmed = {key: _text(data[key]) for key in keys}
            self.findings += judge_client(
                trimmed["user.crt"], trimmed["user.key"], subject, margin=self.margin
            )
        return trimmed

    def _copied_user(self, side: Kubernetes, namespace: str, name: str) -> CopiedUser | None:
        resource = self.attempt(lambda: side.strimzi("KafkaUser", namespace, name))
        if resource is None:
            return None
        spec = resource.get("spec") or {}
        kind = (spec.get("authentication") or {}).get("type")
        if kind != SCRAM:
            return CopiedUser(name, spec)
        secret = (resource.get("status") or {}).get("secret") or name
        data = self.attempt(lambda: side.secret(namespace, secret))
        if data is None:
            return None
        subject = f"Secret {namespace}/{secret}"
        if not data.get("password"):
            self.findings.append(
                Finding(subject, "it has no password", f"look at the status of KafkaUser {name}")
            )
            return None
        password = _password(data["password"])
        self.findings += judge_password(password, subject)
        return CopiedUser(name, spec, password)


def judge_password(password: str, subject: str) -> list[Finding]:
    """Strimzi garbles some given passwords: non-ASCII turns into `??`, quotes break `sasl.jaas.config`."""
    remedy = "give the user a password of ASCII letters and digits on the source first, then deploy again"
    if not password.isascii() or not password.isprintable():
        return [
            Finding(
                subject,
                "the password has characters that are not printable ASCII; Strimzi would "
                "write ?? instead and nobody could log in",
                remedy,
            )
        ]
    if '"' in password or "\\" in password:
        return [
            Finding(
                subject,
                "the password has a quote or a backslash, which Strimzi does not escape in sasl.jaas.config",
                remedy,
            )
        ]
    return []


def _text(value: bytes) -> str:
    """Bytes that are no UTF-8 stay visible as non-ASCII, which judge_password refuses."""
    return value.decode(errors="replace")


def _password(value: bytes) -> str:
    """Secrets made with `echo` end in a newline that is no part of the password."""
    return _text(value).rstrip("\r\n")
