"""The watches, by kopf: every event becomes a key in a work queue, and nothing else.

Only `on.event` handlers are used, so kopf puts neither finalizers nor annotations on anything.
"""

from typing import Any

import kopf
import yaml

from lab.operator.labels import CLUSTER, KIND
from lab.operator.mirror_maker2.reconcile import KIND as MIRROR_MAKER2
from lab.operator.program import Program
from lab.operator.user.model import KIND as USER
from lab.operator.user.selection import Selection

_GROUP, _VERSION = "kafka.strimzi.io", "v1"
_DELETED = "DELETED"


def run(program: Program) -> None:
    """Watch until a signal ends it."""
    registry = kopf.OperatorRegistry()

    @kopf.on.startup(registry=registry)
    def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
        settings.posting.enabled = False
        settings.peering.standalone = True
        settings.networking.connect_timeout = 5.0
        settings.networking.error_backoffs = [0.5, 1, 2, 3, 5] + [5] * 100
        settings.watching.server_timeout = 300
        settings.watching.client_timeout = 330
        settings.watching.reconnect_backoff = 0.5
        program.start()

    @kopf.on.cleanup(registry=registry)
    def stop(**_: Any) -> None:
        program.stop()

    @kopf.on.login(registry=registry)
    def login(**_: Any) -> kopf.ConnectionInfo:
        return connection(program)

    @kopf.on.event(_GROUP, _VERSION, "kafkamirrormaker2s", registry=registry)
    def mirror(namespace: str | None, name: str, **_: Any) -> None:
        program.changed(MIRROR_MAKER2, str(namespace), name)

    users = Selection({CLUSTER: program.cluster})
    user_secrets = Selection({CLUSTER: program.cluster, KIND: USER})

    @kopf.on.event(_GROUP, _VERSION, "kafkausers", registry=registry)
    def user(namespace: str | None, name: str, labels: kopf.Labels, type: str | None, **_: Any) -> None:
        if users.concerns(str(namespace), name, labels, deleted=type == _DELETED):
            program.changed(USER, str(namespace), name)

    @kopf.on.event("", "v1", "secrets", registry=registry)
    def user_secret(
        namespace: str | None, name: str, labels: kopf.Labels, type: str | None, **_: Any
    ) -> None:
        if user_secrets.concerns(str(namespace), name, labels, deleted=type == _DELETED):
            program.changed(USER, str(namespace), name)

    kopf.run(registry=registry, standalone=True, clusterwide=True)


def connection(program: Program) -> kopf.ConnectionInfo:
    """The API server and the credentials of the region's kubeconfig."""
    config = yaml.safe_load(program.kubeconfig.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    return kopf.ConnectionInfo(
        server=cluster["server"],
        ca_path=cluster.get("certificate-authority"),
        ca_data=cluster.get("certificate-authority-data"),
        certificate_path=user.get("client-certificate"),
        certificate_data=user.get("client-certificate-data"),
        private_key_path=user.get("client-key"),
        private_key_data=user.get("client-key-data"),
        token=user.get("token"),
        default_namespace=None,
    )
