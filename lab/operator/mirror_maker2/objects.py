"""The Kubernetes objects that belong to a KafkaMirrorMaker2, but for its Pods (KafkaConnectCluster)."""

from collections.abc import Mapping
from typing import Any

from lab.operator import labels
from lab.operator.mirror_maker2 import authentication, metrics
from lab.operator.mirror_maker2.names import COMPONENT_TYPE, REST_PORT, Names

Manifest = dict[str, Any]
_REST_PORT = {"name": "rest-api", "protocol": "TCP", "port": REST_PORT, "targetPort": "rest-api"}


class Objects:
    """Manifests for one KafkaMirrorMaker2. Making one fails on labels that Strimzi refuses."""

    def __init__(self, resource: Mapping[str, Any]) -> None:
        metadata = resource["metadata"]
        self.names = Names(metadata["namespace"], metadata["name"])
        self.spec: Mapping[str, Any] = resource["spec"]
        self.labels = labels.component_labels(resource, self.names.component, COMPONENT_TYPE)
        self._owner = labels.owner_reference(resource)

    @property
    def clusters(self) -> list[Mapping[str, Any]]:
        """The target first, then the source of each mirror."""
        return [self.spec["target"], *(mirror["source"] for mirror in self.spec.get("mirrors") or [])]

    @property
    def readable_secrets(self) -> list[str]:
        """What Connect may read: each Secret once."""
        names = [s for cluster in self.clusters for s in authentication.secrets_to_read(cluster, self.names)]
        return sorted(set(names))

    def before_pods(self) -> list[Manifest]:
        """What Strimzi applies before it looks at Secrets, in its order. Without Secrets no Role: `reconcile`
        deletes it.
        """
        rbac = [self._role(), self._role_binding()] if self.readable_secrets else []
        services = [self._api_service(), self._headless_service()]
        return [self._service_account(), *rbac, self._network_policy(), *services]

    def config_map(self, data: Mapping[str, str]) -> Manifest:
        """The ConfigMap with the workers' configuration."""
        return self._manifest("v1", "ConfigMap", self.names.config_map) | {"data": dict(data)}

    def trusted_certificates(self, data: Mapping[str, bytes]) -> Manifest:
        """The Secret; its values are bytes, encoded by whoever sends it."""
        secret = self._manifest("v1", "Secret", self.names.trusted_certificates)
        return secret | {"type": "Opaque", "data": dict(data)}

    def pod_disruption_budget(self) -> Manifest:
        """The PodDisruptionBudget of the workers."""
        replicas = int(self.spec["replicas"])
        spec = {"minAvailable": max(0, replicas - 1), "selector": {"matchLabels": self._selector}}
        return self._manifest("policy/v1", "PodDisruptionBudget", self.names.component) | {"spec": spec}

    @property
    def _selector(self) -> dict[str, str]:
        return labels.selector(self.labels)

    def _manifest(self, api_version: str, kind: str, name: str) -> Manifest:
        return {
            "apiVersion": api_version,
            "kind": kind,
            "metadata": {
                "name": name,
                "namespace": self.names.namespace,
                "labels": dict(self.labels),
                "ownerReferences": [dict(self._owner)],
            },
        }

    def _service_account(self) -> Manifest:
        return self._manifest("v1", "ServiceAccount", self.names.component)

    def _role(self) -> Manifest:
        rule = {
            "apiGroups": [""],
            "resources": ["secrets"],
            "verbs": ["get"],
            "resourceNames": self.readable_secrets,
        }
        role = self._manifest("rbac.authorization.k8s.io/v1", "Role", self.names.component)
        return role | {"rules": [rule]}

    def _role_binding(self) -> Manifest:
        account = {
            "kind": "ServiceAccount",
            "name": self.names.component,
            "namespace": self.names.namespace,
        }
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": self.names.component}
        binding = self._manifest("rbac.authorization.k8s.io/v1", "RoleBinding", self.names.role_binding)
        return binding | {"subjects": [account], "roleRef": role}

    def _network_policy(self) -> Manifest:
        own_pods = {"podSelector": {"matchLabels": self._selector}}
        operator = {"podSelector": {"matchLabels": {"strimzi.io/kind": "cluster-operator"}}}
        rest = {"ports": [{"port": REST_PORT, "protocol": "TCP"}], "from": [own_pods, operator]}
        ingress = [rest]
        if metrics.reporter(self.spec) is not None:
            ingress.append({"ports": [{"port": metrics.PORT, "protocol": "TCP"}]})
        spec = {"podSelector": {"matchLabels": self._selector}, "ingress": ingress}
        policy = self._manifest("networking.k8s.io/v1", "NetworkPolicy", self.names.component)
        return policy | {"spec": spec}

    def _api_service(self) -> Manifest:
        spec = {"type": "ClusterIP", "selector": self._selector, "ports": [dict(_REST_PORT)]}
        return self._manifest("v1", "Service", self.names.api_service) | {"spec": spec}

    def _headless_service(self) -> Manifest:
        spec = {
            "type": "ClusterIP",
            "clusterIP": "None",
            "selector": self._selector,
            "ports": [dict(_REST_PORT)],
            "publishNotReadyAddresses": True,
        }
        return self._manifest("v1", "Service", self.names.component) | {"spec": spec}
