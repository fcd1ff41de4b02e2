"""Both regions as far as the stack file describes them, for rendering without a cluster. Pure.

Each value that only a cluster has is rendered as a placeholder or left out, and a note says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from manifests.estate import Estate, SourceEstate, StrimziApi, TargetEstate
from manifests.rendered import PLACEHOLDER
from manifests.strimzi.login_keys import keys_of_copy
from mirror.estate.credential_rules import trusted
from mirror.estate.origin import Content
from mirror.estate.unprotected_source import unprotected_source
from mirror.text.names import few
from settings.model import Settings


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says about the clusters; None where it says nothing."""

    source_bootstrap_servers: str | None = None
    target_bootstrap_servers: str | None = None
    api: StrimziApi | None = None


@dataclass(frozen=True, slots=True)
class Assumed:
    """The estate of a stack file, and notes about what it lacks. `ca_known`: whether its CA certificates of
    the source are the real ones.
    """

    estate: Estate
    notes: tuple[str, ...]
    ca_known: bool = False


def assumed(settings: Settings, given: Given) -> Assumed:
    """Describe both regions without reading a cluster."""
    source, ca_known = assumed_source(settings, given)
    target = TargetEstate(
        given.target_bootstrap_servers or _listener(settings.target.cluster, settings.target.listener),
        {"ca.crt": f"{PLACEHOLDER}-ca.crt"},
        _api(settings, given),
    )
    notes = (*_of_target(settings, given), *source_notes(settings, given, ca_known), *_of_users(settings))
    return Assumed(Estate(source, target), notes, ca_known)


def assumed_source(settings: Settings, given: Given) -> tuple[SourceEstate, bool]:
    """Describe the source: the credential is a placeholder, and no user is copied. Also tell whether the CA
    certificates are the real ones.
    """
    source = settings.source
    address = given.source_bootstrap_servers or source.bootstrap_servers
    ca, known = _ca(settings)
    return SourceEstate(
        address or _listener(source.cluster, source.listener),
        ca,
        {key: f"{PLACEHOLDER}-{key}" for key in keys_of_copy(source)},
    ), known


def source_notes(settings: Settings, given: Given, ca_known: bool) -> Iterator[str]:
    """Say what is not known about the source."""
    source = settings.source
    yield from unprotected_source(settings)
    if not (given.source_bootstrap_servers or source.bootstrap_servers):
        yield (
            f"the address of {source.alias} is a placeholder: it is in the status of Kafka "
            f"{source.namespace}/{source.cluster}. Set source.bootstrap_servers, or add "
            "--source-bootstrap-servers"
        )
    creates_ca = source.trusts_a_named_ca and not (source.secret_ref and source.secret_ref.ca_secret)
    if creates_ca and not ca_known:
        yield f"the Secret with the CA certificates of {source.alias} has a placeholder"
    if settings.mirror.heartbeats_interval_seconds and not ca_known:
        yield "the heartbeats trust the key ca.crt; `pulumi up` names every certificate of the Secret"


def _of_target(settings: Settings, given: Given) -> Iterator[str]:
    target = settings.target
    if not given.target_bootstrap_servers:
        yield (
            f"the address of {target.alias} is a placeholder: it is in the status of Kafka "
            f"{target.namespace}/{target.cluster}. Add --target-bootstrap-servers"
        )
    if target.api_version == "auto" and given.api is None:
        yield (
            f"API version v1 is rendered: target.api_version is auto, and the API of {target.alias} is not "
            "read. Set target.api_version, or add --strimzi-api"
        )


def _of_users(settings: Settings) -> Iterator[str]:
    users = settings.users
    if users.copy or users.selector:
        which = few(users.copy) if users.copy else "those of users.selector"
        yield (
            f"copied users ({which}) are left out, with their passwords and the permissions of pods to read "
            f"them: their KafkaUsers are on {settings.source.alias}"
        )


def _api(settings: Settings, given: Given) -> StrimziApi:
    choice = settings.target.api_version
    return choice if choice != "auto" else given.api or "v1"


def _listener(cluster: str | None, listener: str | None) -> str:
    return f"{PLACEHOLDER}-bootstrap-servers-of-{cluster}-listener-{listener}"


def _ca(settings: Settings) -> tuple[dict[str, str], bool]:
    """Return the CA certificates in the stack file, else a placeholder, and whether they are real."""
    source = settings.source
    if not source.trusts_a_named_ca:
        return {}, True
    given = source.credentials
    if given is not None and given.ca is not None and given.ca.value is not None:
        kept, _ = trusted(Content("source.credentials.ca", {"ca.crt": given.ca.value.encode()}), timedelta(0))
        return kept, True
    return {"ca.crt": f"{PLACEHOLDER}-ca.crt"}, False
