"""One complete mirror as a Pulumi component."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pulumi

from components.attempt import attempts
from components.baseline import SourceBaseline
from components.cutover import MirrorCutover
from components.destroy_guard import DestroyGuard
from components.first_deployment import FirstDeployment
from components.identity import MirrorIdentities
from components.internal_topics import InternalTopics
from components.kafka_users import KafkaUsers
from components.kubernetes import target_provider
from components.mirror_maker2 import MirrorMaker2
from components.monitoring import MirrorMonitoring
from components.ownership import owned
from components.source_credentials import SourceCredentials
from components.verification import MirrorVerification
from manifests.clients import addresses_in_words, client_places
from manifests.declaration import Declaration
from manifests.estate import Estate
from manifests.users import credential_places
from mirror.plan.planned import Plan
from mirror.plan.render import outputs, summary_lines
from settings import no_loss
from settings.model import Settings
from settings.names import Names, copy_of

if TYPE_CHECKING:
    import pulumi_kubernetes as kubernetes


class RegionMirror(pulumi.ComponentResource):
    """A source-to-target mirror: credentials and users, then MirrorMaker 2, then the proof that it works.

    `outputs` is what the stack exports. Without `provider`, one is made for the target's Kubernetes.
    `contradicted`: as of `MirrorIdentities`, where `identities` of the stack do not know it.
    """

    outputs: dict[str, Any]
    declaration: Declaration

    def __init__(
        self,
        name: str,
        settings: Settings,
        estate: Estate,
        opts: pulumi.ResourceOptions | None = None,
        *,
        provider: kubernetes.Provider | None = None,
        identities: MirrorIdentities | None = None,
        plan: Plan | None = None,
        contradicted: Sequence[str] = (),
    ) -> None:
        super().__init__("region-mirror:index:RegionMirror", name, {}, opts)
        unverified = settings.unverified
        target = settings.target
        region = provider or target_provider(target.alias, target.kubeconfig, target.context)

        needed: list[pulumi.Resource] = []

        def child(*after: pulumi.Resource) -> pulumi.ResourceOptions:
            return pulumi.ResourceOptions(parent=self, providers=[region], depends_on=[*needed, *after])

        self._announce(settings, estate, plan)
        # The first resource: if it refuses a change, no other resource has changed.
        guard = identities or MirrorIdentities(
            name,
            [settings],
            pulumi.ResourceOptions(parent=self),
            cuts_over=True,
            contradicted=contradicted,
        )
        self.owner = guard.owner
        self.declaration = declaration = owned(Declaration.of(settings, estate), guard.owner, settings.mirror)
        counted = None if unverified else attempts(name, settings, declaration.fingerprint, child(guard))
        if counted is not None:
            needed.append(counted)
        if settings.cutover.by_up and settings.mirror.phase == "promoted":
            # Before everything else: the promotion must not let users write, or stop connectors, earlier.
            needed.append(MirrorCutover(name, settings, child(guard)))
        credentials = SourceCredentials(name, declaration, child(guard))
        users = KafkaUsers(name, declaration, child(guard), target=target.alias, retain=settings.users_remain)
        first = FirstDeployment(
            name,
            settings,
            declaration,
            child(guard, credentials, users),
            nothing_there=plan is not None and plan.seen is not None and plan.seen.nothing,
        )
        baseline = SourceBaseline(
            name, settings, declaration, guard.owner, child(guard, credentials, users, first)
        )
        before: list[pulumi.Resource] = [credentials, users, first, baseline]
        if settings.mirror.phase == "retired":
            before.append(InternalTopics(name, settings, declaration, child(credentials, users)))
        mirror_maker2 = MirrorMaker2(
            name,
            declaration,
            wait_seconds=settings.verification.deadline_seconds if unverified else None,
            opts=child(*before),
        )
        deployed: list[pulumi.Resource] = [*before, mirror_maker2]
        if declaration.monitoring:
            deployed.append(MirrorMonitoring(name, declaration, child(guard), exporter_after=[mirror_maker2]))
        # Before the proof: a mirror that was never proven is guarded, too.
        destroy_guard = DestroyGuard(name, [(settings, declaration)], guard.owner, child(*deployed))
        summary: Any = f"not verified: {unverified}"
        if not unverified:
            proof = MirrorVerification(
                name,
                settings,
                declaration.fingerprint,
                child(credentials, users, mirror_maker2, destroy_guard),
                manifests=declaration.verification,
                attempt=None if counted is None else counted.count,
                mirror_maker2=mirror_maker2.resource,
            )
            summary = proof.summary
            if identities is None:
                # The stack has no guard over all of its mirrors.
                DestroyGuard(
                    f"{name}-first", [(settings, declaration)], guard.owner, child(destroy_guard, proof)
                )
        self.outputs = _outputs(settings, estate, summary)
        if declaration.verification:
            report = f"{target.namespace}/{Names.of(settings).verification}"
            self.outputs["verificationReport"] = report
        self.outputs |= {"matches": outputs(plan)} if plan else {}
        self.register_outputs(self.outputs)

    def _announce(self, settings: Settings, estate: Estate, plan: Plan | None) -> None:
        """Print what a preview should say in words."""
        if not settings.mirror.exactly_once:
            pulumi.log.warn(
                "mirror.exactly_once is false: after a worker crash, some records are on the target twice. "
                "Consumers must tolerate duplicates.",
                self,
            )
        for warning in estate.warnings:
            pulumi.log.warn(warning, self)
        if plan is None:
            for breach in no_loss.permitted(settings):
                pulumi.log.warn(f"permitted data loss: {breach}", self)
        else:
            # A permitted breach of a no-loss rule is among them.
            pulumi.log.info("\n".join(summary_lines(plan)), self)
            for warning in plan.warnings:
                pulumi.log.warn(warning, self)


def _outputs(settings: Settings, estate: Estate, summary: Any) -> dict[str, Any]:
    names = Names.of(settings)
    return {
        "mirror": f"{settings.target.namespace}/{names.mirror}",
        "sourceBootstrapServers": estate.source.bootstrap_servers,
        "targetBootstrapServers": estate.target.bootstrap_servers,
        "connectors": [names.source_connector, names.checkpoint_connector],
        "copiedUsers": credential_places(settings, estate),
        "verification": summary,
        "consumers": _instructions(settings, estate),
        "clients": client_places(settings, estate),
    }


def _instructions(settings: Settings, estate: Estate) -> str:
    target = settings.target
    topics = (
        "topics keep their names"
        if settings.mirror.replication_policy == "identity"
        else f"topics are named {copy_of(settings, '<topic>')}"
    )
    certificates = (
        "TLS users keep their certificate"
        if settings.users.tls == "keep-certificate"
        else f"TLS users find their new certificate in the Secret {target.namespace}/<user>"
    )
    return (
        f"To move a consumer: stop it on {settings.source.alias}, wait until its group is translated "
        f"(region-mirror verify), then start it with the address for its login. "
        f"{addresses_in_words(settings, estate)}; SCRAM users keep their password, {certificates}; {topics}."
    )
