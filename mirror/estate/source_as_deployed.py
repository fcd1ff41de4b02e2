"""The source as it was deployed, from the target's Kubernetes: for a promoted mirror whose source is gone.

After a failover the source may never come back, and `pulumi up` has to work: with what the stack has copied
to the target before. Nothing mirrors any more, so credentials that have changed since do no harm.
"""

from __future__ import annotations

from manifests.estate import CopiedUser, SourceEstate
from manifests.strimzi.resource import read_mirror_maker2
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.target_clients import copied_resources
from mirror.problems import CouldNotRun
from settings.model import Settings
from settings.names import Names

_SCRAM = "scram-sha-512"


def source_as_deployed(settings: Settings, kubernetes: Kubernetes) -> SourceEstate:
    """Read the addresses, the CA, the credential and the copied users that the stack has deployed. Raises
    CouldNotRun.
    """
    names, namespace = Names.of(settings), settings.target.namespace
    resource = kubernetes.strimzi("KafkaMirrorMaker2", namespace, names.mirror)
    flow = read_mirror_maker2(resource).flows.get(settings.source.alias)
    if flow is None:
        raise CouldNotRun(
            f"looking for source {settings.source.alias} in KafkaMirrorMaker2 {namespace}/{names.mirror}",
            "it does not mirror from there",
            "check `source.alias`",
        )
    trusted = (flow.connection.get("tls") or {}).get("trustedCertificates")
    users = []
    for name, user in sorted(copied_resources(settings, kubernetes).items()):
        spec = dict(user.get("spec") or {})
        password = None
        if (spec.get("authentication") or {}).get("type") == _SCRAM:
            password = _text(kubernetes, namespace, names.password_secret(name)).get("password")
        users.append(CopiedUser(name, spec, password, deployed=True))
    return SourceEstate(
        str(flow.connection.get("bootstrapServers", "")),
        _text(kubernetes, namespace, names.source_ca_secret) if trusted else {},
        _text(kubernetes, namespace, names.source_user_secret) if settings.source.has_credential else {},
        tuple(users),
    )


def _text(kubernetes: Kubernetes, namespace: str, secret: str) -> dict[str, str]:
    return {key: value.decode() for key, value in kubernetes.secret(namespace, secret).items()}
