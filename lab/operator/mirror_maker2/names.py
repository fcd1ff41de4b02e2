"""Names of what belongs to a KafkaMirrorMaker2 (KafkaMirrorMaker2Resources, KafkaConnectResources)."""

from dataclasses import dataclass

REST_PORT = 8083
COMPONENT_TYPE = "kafka-mirror-maker-2"
TARGET_CERTIFICATES_KEY = "ca.crt"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of everything that belongs to one KafkaMirrorMaker2, as Strimzi gives them."""

    namespace: str
    name: str

    @property
    def component(self) -> str:
        """Also the ServiceAccount, Role, NetworkPolicy, PodDisruptionBudget and headless Service."""
        return f"{self.name}-mirrormaker2"

    @property
    def role_binding(self) -> str:
        """The RoleBinding of the pods' ServiceAccount."""
        return f"{self.component}-role"

    @property
    def api_service(self) -> str:
        """The Service of Connect's REST API."""
        return f"{self.component}-api"

    @property
    def config_map(self) -> str:
        """The ConfigMap with the workers' configuration."""
        return f"{self.component}-config"

    @property
    def trusted_certificates(self) -> str:
        """A Secret; its name says "connect", not "mirrormaker2"."""
        return f"{self.name}-connect-tls-trusted-certs"

    @property
    def url(self) -> str:
        """The address of Connect's REST API, as the status gives it."""
        return f"http://{self.api_service}.{self.namespace}.svc:{REST_PORT}"

    def pod(self, index: int) -> str:
        """The pod with this index."""
        return f"{self.component}-{index}"

    def placeholder(self, secret: str, key: str) -> str:
        """What KubernetesSecretConfigProvider replaces by the value of the Secret's key."""
        return f"${{strimzisecrets:{self.namespace}/{secret}:{key}}}"


def certificates_key(alias: str) -> str:
    """The key of one cluster's certificates in the Secret `trusted_certificates`."""
    return f"{alias}-ca.crt"
