"""The kubeconfig of a worker, with a token of its ServiceAccount: what the kubelet projects into a Pod."""

import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.files import write_file
from lab.operator.kube import Kubernetes

_LIFE_SECONDS = 24 * 3600
_RENEW_BEFORE_SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True)
class PodToken:
    """The token of the pods' ServiceAccount, in the kubeconfig that a worker reads."""

    kube: Kubernetes
    namespace: str
    service_account: str

    def ensure(self, path: Path) -> None:
        """Write a kubeconfig, unless the one there is this ServiceAccount's and good for hours."""
        account = self.kube.read("ServiceAccount", self.namespace, self.service_account)
        uid = str(account["metadata"]["uid"]) if account else ""
        if not _is_good(path, uid):
            token = self.kube.token(self.namespace, self.service_account, _LIFE_SECONDS)
            write_file(path, self.kube.kubeconfig(self.namespace, token))


def _is_good(path: Path, uid: str) -> bool:
    try:
        config = yaml.safe_load(path.read_text())
        claims = _claims(config["users"][0]["user"]["token"])
        account = claims["kubernetes.io"]["serviceaccount"]["uid"]
        return bool(account == uid and claims["exp"] > time.time() + _RENEW_BEFORE_SECONDS)
    except (OSError, ValueError, LookupError, TypeError, yaml.YAMLError):
        return False


def _claims(token: str) -> Any:
    """The payload of a JSON Web Token; its signature is the API server's business."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
