"""One reconciliation of a KafkaMirrorMaker2 (KafkaMirrorMaker2AssemblyOperator, AbstractOperator)."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.operator import labels
from lab.operator.failures import Failure, invalid_resource
from lab.operator.kube import Kubernetes, secret_data
from lab.operator.mirror_maker2 import authentication, metrics
from lab.operator.mirror_maker2.connect_rest import Connect, NeverSettled
from lab.operator.mirror_maker2.connector_flow import ConnectorFlow, Outcome
from lab.operator.mirror_maker2.connectors import Connector, desired_connectors
from lab.operator.mirror_maker2.names import Names
from lab.operator.mirror_maker2.objects import Objects
from lab.operator.mirror_maker2.offsets import Offsets
from lab.operator.mirror_maker2.secrets import authentication_hash, trusted_certificates
from lab.operator.mirror_maker2.tokens import PodToken
from lab.operator.mirror_maker2.worker_config import log4j2_properties, user_configuration, worker_properties
from lab.operator.mirror_maker2.workers import LOGGING, PROPERTIES, Desired, Workers
from lab.operator.status import differs, is_paused, main_condition, paused_status
from lab.operator.unknown_fields import unknown_fields

log = logging.getLogger(__name__)

KIND = "KafkaMirrorMaker2"
_VERSIONS = ("4.2.0", "4.2.1", "4.3.0", "4.3.1")


@dataclass(frozen=True, slots=True)
class MirrorMaker2Operator:
    """The Cluster Operator, as far as it reconciles KafkaMirrorMaker2 resources."""

    kube: Kubernetes
    workers: Workers
    _locked: set[Names] = field(default_factory=set)
    """Resources whose reconciliation never ends, so that Strimzi never releases their lock."""

    def reconcile(self, namespace: str, name: str) -> None:
        """Make it so, and write down how it went. Raises what says that the API server is away."""
        names, resource = Names(namespace, name), self.kube.read(KIND, namespace, name)
        if resource is None or resource["metadata"].get("deletionTimestamp"):
            # The rest goes by owner references. No connector is deleted: Connect's topics stay as they are.
            self.workers.withdraw(names)
            self._locked.discard(names)  # without Connect, Strimzi's calls fail, and the reconciliation ends
            return
        if names in self._locked:
            log.info("%s/%s: an earlier reconciliation has not ended", namespace, name)
            return
        if is_paused(resource):
            self._write_status(resource, {**paused_status(resource), "replicas": 0})
            return
        try:
            status = self._create_or_update(resource)
        except NeverSettled as conflict:
            log.warning("%s/%s: %s", namespace, name, conflict)
            if _shares_a_name(desired_connectors(resource["spec"], names)):
                self._locked.add(names)
            return
        status["conditions"] += unknown_fields(resource)
        self._write_status(resource, status)

    def _create_or_update(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        """The status after everything was done that could be done."""
        try:
            objects = validated(resource)
        except Failure as failure:
            log.warning("%s: %s", resource["metadata"]["name"], failure.as_java_string)
            return status_of(resource, Outcome(failure=failure), None)
        try:
            outcome = self._reconcile(resource, objects)
        except Failure as failure:
            log.warning("%s: %s", resource["metadata"]["name"], failure.as_java_string)
            outcome = Outcome(failure=failure)
        return status_of(resource, outcome, objects)

    def _reconcile(self, resource: Mapping[str, Any], objects: Objects) -> Outcome:
        names, spec = objects.names, resource["spec"]
        for manifest in objects.before_pods():
            self.kube.apply(manifest)
        if not objects.readable_secrets:
            self.kube.delete("Role", names.namespace, names.component)
            self.kube.delete("RoleBinding", names.namespace, names.role_binding)

        def read(secret: str) -> dict[str, bytes] | None:
            return self.kube.secret(names.namespace, secret)

        trusted = trusted_certificates(objects.clusters, names.namespace, read)
        self._store_certificates(objects, trusted.data)
        authentication_digest = authentication_hash(objects.clusters, trusted, names.namespace, read)
        files = {
            LOGGING: log4j2_properties(spec, self._external_logging(spec, names.namespace)),
            **self._exporter(spec, names.namespace),
            PROPERTIES: worker_properties(spec, names),
        }
        self.kube.apply(objects.config_map(files))
        self.kube.apply(objects.pod_disruption_budget())
        desired = Desired(
            replicas=int(spec["replicas"]),
            files=files,
            configuration_hash=hashlib.sha256(files[PROPERTIES].encode()).hexdigest()[:8],
            authentication_hash=authentication_digest,
            clusters=";".join(cluster["alias"] for cluster in objects.clusters),
            jvm_options=spec.get("jvmOptions") or {},
        )
        token = PodToken(self.kube, names.namespace, names.component)
        self.workers.reconcile(names, desired, token)
        return self._reconcile_connectors(resource, names) if desired.replicas else Outcome()

    def _reconcile_connectors(self, resource: Mapping[str, Any], names: Names) -> Outcome:
        connect = Connect(self.workers.rest_urls(names), self.workers.operation_seconds)
        offsets = Offsets(
            read_config_map=lambda name: self.kube.read("ConfigMap", names.namespace, name),
            write_config_map=self.kube.apply,
            remove_annotations=lambda keys: self.kube.remove_annotations(resource, keys),
        )
        flow = ConnectorFlow(connect, resource, offsets.remove_annotations, offsets)
        try:
            return flow.reconcile(desired_connectors(resource["spec"], names))
        finally:
            connect.close()

    def _store_certificates(self, objects: Objects, data: Mapping[str, bytes]) -> None:
        names = objects.names
        current = self.kube.read("Secret", names.namespace, names.trusted_certificates)
        if not data:
            if current is not None:
                self.kube.delete("Secret", names.namespace, names.trusted_certificates)
            return
        if secret_data(current) == data and current is not None and _is_owned(current, objects):
            return
        self.kube.put(objects.trusted_certificates(data), current)

    def _external_logging(self, spec: Mapping[str, Any], namespace: str) -> str | None:
        reference = ((spec.get("logging") or {}).get("valueFrom") or {}).get("configMapKeyRef") or {}
        if not reference.get("name"):
            return None
        config_map = self.kube.read("ConfigMap", namespace, reference["name"]) or {}
        text: str | None = (config_map.get("data") or {}).get(reference.get("key"))
        return text

    def _exporter(self, spec: Mapping[str, Any], namespace: str) -> dict[str, str]:
        rules = metrics.exporter_rules(spec)
        if rules is None:
            return {}
        name, key = rules
        return {
            metrics.CONFIG_KEY: metrics.exporter_json(self.kube.read("ConfigMap", namespace, name), name, key)
        }

    def _write_status(self, resource: Mapping[str, Any], status: Mapping[str, Any]) -> None:
        metadata = resource["metadata"]
        latest = self.kube.read(KIND, metadata["namespace"], metadata["name"])
        if latest is not None and differs(latest.get("status"), status):
            self.kube.write_status(latest, status)


def validated(resource: Mapping[str, Any]) -> Objects:
    """KafkaMirrorMaker2Cluster.fromCrd: what is wrong with the resource alone, in Strimzi's order."""
    objects = Objects(resource)
    spec = resource["spec"]
    user_configuration(spec["target"])
    version = spec.get("version")
    if version is not None and version not in _VERSIONS:
        raise invalid_resource(
            f"Kafka version {version} is not supported. Supported versions are: {', '.join(_VERSIONS)}."
        )
    metrics.validate(spec)
    authentication.validate(spec["target"])
    return objects


def status_of(resource: Mapping[str, Any], outcome: Outcome, objects: Objects | None) -> dict[str, Any]:
    """The whole status; `objects` is None when the resource itself was refused."""
    status: dict[str, Any] = {
        "conditions": [main_condition(outcome.failure), *outcome.warnings],
        "observedGeneration": resource["metadata"]["generation"],
    }
    if objects is None:
        return status | {"replicas": 0}
    replicas = int(resource["spec"]["replicas"])
    if replicas:
        status["url"] = objects.names.url
    if outcome.connectors:
        status["connectors"] = outcome.connectors
    if outcome.auto_restarts:
        status["autoRestartStatuses"] = outcome.auto_restarts
    return status | {"labelSelector": labels.selector_string(objects.labels), "replicas": replicas}


def _shares_a_name(connectors: Sequence[Connector]) -> bool:
    return len({connector.name for connector in connectors}) < len(connectors)


def _is_owned(secret: Mapping[str, Any], objects: Objects) -> bool:
    wanted = objects.trusted_certificates({})["metadata"]
    metadata = secret["metadata"]
    return bool(
        metadata.get("labels") == wanted["labels"]
        and metadata.get("ownerReferences") == wanted["ownerReferences"]
    )
