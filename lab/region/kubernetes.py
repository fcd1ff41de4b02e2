"""The Kubernetes API of a region: etcd, kube-apiserver and kube-controller-manager. No scheduler, no kubelet:
`lab.kubelet` stands in for both.

The controller manager is needed although nothing is scheduled: the garbage collector ends foreground
deletions, which Pulumi waits for, and removes what owner references point to.
"""

import base64
import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPSConnection

import yaml

from lab.files import write_file
from lab.layout import NAMESPACE, PROJECT, Lab
from lab.ports import HOST
from lab.processes import ProcessSpec, Stage
from lab.region import pki
from lab.region.tools import Tools

PORTS = ("etcd", "etcd-peer", "kubernetes")

_SERVICE_RANGE = "10.96.0.0/24"
# Go lets its heap double before it collects; half of that costs little here and saves 100 MB a region.
_FRUGAL = {"GOGC": "50"}
_ISSUER = "https://kubernetes.default.svc"  # not our address: tokens outlive a port
_TOKEN_LIFETIME = "8760h"  # noqa: S105 - a duration
# Only what is of use without nodes. Names as in kube-controller-manager --help.
_CONTROLLERS = (
    "garbage-collector-controller",
    "namespace-controller",
    "job-controller",
    "cronjob-controller",
    "deployment-controller",
    "replicaset-controller",
    "statefulset-controller",
    "ttl-after-finished-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "clusterrole-aggregation-controller",
)


def process_names(region: str) -> tuple[str, str, str]:
    """The names of etcd, the API server and the controller manager of a region."""
    return f"{region}-etcd", f"{region}-kube-apiserver", f"{region}-controller-manager"


def prepare(lab: Lab, region: str, ports: Mapping[str, int]) -> bool:
    """Write the kubeconfigs; say whether anything changed."""
    lab.kubernetes(region).mkdir(parents=True, exist_ok=True)
    port = ports[f"{region}-kubernetes"]
    manager = lab.kubernetes(region) / "controller-manager.kubeconfig"
    changed = write_file(lab.kubeconfig(region), kubeconfig(lab, region, port, "admin"))
    return write_file(manager, kubeconfig(lab, region, port, "controller-manager")) or changed


def kubeconfig(lab: Lab, region: str, port: int, user: str) -> str:
    """A kubeconfig for the holder of the certificate `user` of the region's PKI, all in one file."""
    folder = lab.pki(region)
    pair = pki.read(folder, user)
    authority = (folder / "kubernetes-ca.crt").read_text()
    value = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": region,
        "clusters": [
            {
                "name": region,
                "cluster": {
                    "server": f"https://localhost:{port}",
                    "certificate-authority-data": _base64(authority),
                },
            }
        ],
        "contexts": [
            {"name": region, "context": {"cluster": region, "user": user, "namespace": NAMESPACE}},
        ],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": _base64(pair.certificate),
                    "client-key-data": _base64(pair.key),
                },
            }
        ],
    }
    return yaml.safe_dump(value, sort_keys=False)


def etcd(lab: Lab, region: str, ports: Mapping[str, int], tools: Tools) -> ProcessSpec:
    """The region's etcd."""
    client, peer = (f"https://{HOST}:{ports[f'{region}-{name}']}" for name in ("etcd", "etcd-peer"))
    folder = lab.pki(region)
    arguments = {
        "name": region,
        "data-dir": lab.kubernetes(region) / "etcd",
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"{region}={peer}",
        "cert-file": folder / "etcd.crt",
        "key-file": folder / "etcd.key",
        "trusted-ca-file": folder / "kubernetes-ca.crt",
        "client-cert-auth": "true",
        "peer-cert-file": folder / "etcd.crt",
        "peer-key-file": folder / "etcd.key",
        "peer-trusted-ca-file": folder / "kubernetes-ca.crt",
        "peer-client-cert-auth": "true",
        # A lab that loses its state with the machine's power loses nothing.
        "unsafe-no-fsync": "true",
        "log-level": "warn",
    }
    name = process_names(region)[0]
    argv = (str(tools.etcd), *_flags(arguments))
    return ProcessSpec(name, argv, cwd=str(PROJECT), stop_seconds=10, stage=Stage.STORE)


def apiserver(lab: Lab, region: str, ports: Mapping[str, int], tools: Tools) -> ProcessSpec:
    """The region's kube-apiserver."""
    folder = lab.pki(region)
    arguments = {
        "etcd-servers": f"https://{HOST}:{ports[f'{region}-etcd']}",
        "etcd-cafile": folder / "kubernetes-ca.crt",
        "etcd-certfile": folder / "etcd.crt",
        "etcd-keyfile": folder / "etcd.key",
        "bind-address": HOST,
        "advertise-address": HOST,
        "secure-port": ports[f"{region}-kubernetes"],
        "cert-dir": lab.kubernetes(region) / "apiserver",
        "tls-cert-file": folder / "apiserver.crt",
        "tls-private-key-file": folder / "apiserver.key",
        "client-ca-file": folder / "kubernetes-ca.crt",
        "authorization-mode": "RBAC",
        "anonymous-auth": "false",
        "service-account-issuer": _ISSUER,
        "service-account-signing-key-file": folder / "service-account.key",
        "service-account-key-file": folder / "service-account.pub",
        "service-account-max-token-expiration": _TOKEN_LIFETIME,
        # Pods of the lab name the token that they mount.
        "disable-admission-plugins": "ServiceAccount",
        "service-cluster-ip-range": _SERVICE_RANGE,
        "endpoint-reconciler-type": "none",
        "profiling": "false",
        # One administrator and two operators need no queues.
        "enable-priority-and-fairness": "false",
    }
    name = process_names(region)[1]
    argv = (str(tools.kube_apiserver), *_flags(arguments))
    # It stops serving at once, and then only waits for watches to end: up to a minute, for nothing.
    return ProcessSpec(name, argv, _FRUGAL, cwd=str(PROJECT), stop_seconds=2, stage=Stage.SERVER)


def controller_manager(lab: Lab, region: str, tools: Tools) -> ProcessSpec:
    """The region's kube-controller-manager."""
    arguments = {
        "kubeconfig": lab.kubernetes(region) / "controller-manager.kubeconfig",
        "controllers": ",".join(_CONTROLLERS),
        "root-ca-file": lab.pki(region) / "kubernetes-ca.crt",
        "leader-elect": "false",
        # As kubeadm does: the garbage collector's own account may delete custom resources.
        "use-service-account-credentials": "true",
        "secure-port": 0,
        "profiling": "false",
    }
    name = process_names(region)[2]
    argv = (str(tools.kube_controller_manager), *_flags(arguments))
    return ProcessSpec(name, argv, cwd=str(PROJECT), stop_seconds=5, stage=Stage.CONTROLLER)


def store_unready(region: str, ports: Mapping[str, int]) -> str | None:
    """What still keeps etcd from being ready, or None: it listens."""
    port = ports[f"{region}-etcd"]
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError as problem:
        return f"nobody listens on localhost:{port} ({problem})"
    return None


def unready(lab: Lab, region: str, ports: Mapping[str, int]) -> str | None:
    """What still keeps the API from being ready, or None: its /readyz says ok to the administrator."""
    folder, port = lab.pki(region), ports[f"{region}-kubernetes"]
    context = ssl.create_default_context(cafile=str(folder / "kubernetes-ca.crt"))
    context.load_cert_chain(folder / "admin.crt", folder / "admin.key")
    connection = HTTPSConnection("localhost", port, timeout=5, context=context)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        said = response.read().decode(errors="replace")
    except (OSError, HTTPException) as problem:
        return f"https://localhost:{port}/readyz does not answer ({problem})"
    finally:
        connection.close()
    if response.status == 200:
        return None
    failing = [line for line in said.splitlines() if line.startswith("[-]")]
    return f"https://localhost:{port}/readyz says {response.status}: {', '.join(failing) or said[:200]}"


def _flags(arguments: Mapping[str, object]) -> list[str]:
    return [f"--{name}={value}" for name, value in arguments.items()]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
