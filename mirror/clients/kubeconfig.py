"""Opens one region's Kubernetes API from a kubeconfig, as kubectl would."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import yaml
from lightkube import KubeConfig
from lightkube.config import client_adapter
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core.exceptions import ConfigError

from mirror.clients.patient import PatientClient
from mirror.clients.tls import as_other_clients
from mirror.problems import CouldNotConnect, CouldNotRun, one_line

# A missing VPN connection must be reported within seconds.
TIMEOUT = httpx2.Timeout(15.0, connect=5.0)
KUBECONFIG = "KUBECONFIG"
DEFAULT_FILE = "~/.kube/config"
SERVICE_ACCOUNT_VARIABLE = "REGION_MIRROR_SERVICE_ACCOUNT"
"""Where a pod's token, CA and namespace are, when not in Kubernetes' usual folder."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SETTINGS = (
    "set `kubeconfig` (a path relative to the project folder) and `context` in the section `source` or "
    "`target` of the stack file"
)
_LAB = ".lab"
"""The folder of this repository's lab, whose stack file the docs take as their example."""
_OF_LAB = "the lab is not running: start it with `make lab-up`, or with `make demo`, which also deploys to it"
_EXEC_V1 = "client.authentication.k8s.io/v1"

# lightkube 1.0.1 parses with msgspec, which prepares a class when it first meets it, and not thread-safely:
# two threads that open their first kubeconfigs at once may end the process (SIGSEGV in msgspec._core).
_PARSING = threading.Lock()

# What lightkube raises on a broken file; KeyError: the context names a cluster or user that it lacks.
_UNUSABLE = (OSError, KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError, ssl.SSLError)


def open_api(kubeconfig: Path | None, context: str | None = None) -> tuple[httpx2.Client, str]:
    """Return a client for the API's addresses, and how to name the API in messages. Opens no connection yet.

    Tokens (also those that `oc login` writes), client certificates and exec plugins work. `kubeconfig` None
    means ambient, see `_ambient`. Raises CouldNotRun.
    """
    kubeconfig = kubeconfig or _ambient()
    shown = str(kubeconfig) if kubeconfig else "the pod's service account"
    tried = f"reading {shown}"
    try:
        with _PARSING:
            loaded = KubeConfig.from_file(kubeconfig) if kubeconfig else _of_the_pod()
            if kubeconfig is None and context is not None:
                reason = f"the pod's service account is for its own cluster alone, not for context {context}"
                raise ConfigError(reason)
            config = loaded.get(context)
        if config is None or config.user is None:
            raise ConfigError("the context names no user")
        _accept_exec_v1(config)
        # kubectl (Go) never sends loopback through a proxy, httpx does unless NO_PROXY says otherwise.
        local = urlsplit(config.cluster.server).hostname in _LOOPBACK
        parameters = client_adapter.ConnectionParams(timeout=TIMEOUT, trust_env=not local)
        arguments = parameters.httpx_params(config)
        if isinstance(arguments["auth"], client_adapter.ExecAuth) and config.user.exec is not None:
            arguments["auth"] = _Plugin(config.user.exec)
        as_other_clients(arguments["verify"])
        client = PatientClient(**arguments)
    except ConfigError as error:
        if kubeconfig and not kubeconfig.is_file():
            way_out = _OF_LAB if _LAB in kubeconfig.parts else f"create it, or {_SETTINGS}"
            raise CouldNotRun(tried, "there is no such file", way_out) from error
        contexts = "`kubectl config get-contexts` lists the contexts"
        raise CouldNotRun(tried, one_line(error), f"{_SETTINGS}; {contexts}") from error
    except _UNUSABLE as error:
        raise CouldNotRun(
            tried,
            f"not a usable kubeconfig ({type(error).__name__}: {one_line(error)})",
            "try the same file with kubectl",
        ) from error
    return client, f"{config.cluster.server} (context {config.context_name}, {shown})"


def _ambient() -> Path | None:
    """Return the file that kubectl and Pulumi's provider would take when none is named: $KUBECONFIG, else
    ~/.kube/config; None: inside a pod, its service account. (lightkube's own order begins with the pod: a
    runner in Kubernetes would read another cluster than the one that Pulumi deploys to.)
    """
    named = [part for part in os.environ.get(KUBECONFIG, "").split(os.pathsep) if part]
    if len(named) > 1:
        raise CouldNotRun(
            f"reading ${KUBECONFIG}",
            f"it names {len(named)} files; kubectl merges them, region-mirror does not",
            "set `kubeconfig` in the section `source` or `target` of the stack file to one file, or merge "
            "them with `kubectl config view --flatten`",
        )
    if named:
        return Path(named[0])
    default = Path(DEFAULT_FILE).expanduser()
    return default if default.is_file() else None


def _of_the_pod() -> KubeConfig:
    """Return the service account of the pod in which this runs. Raises CouldNotRun outside a pod."""
    try:
        return KubeConfig.from_env(*_account())  # it looks for the account first
    except ConfigError as error:
        raise CouldNotRun(
            "looking for a kubeconfig",
            f"{KUBECONFIG} is not set, there is no {DEFAULT_FILE}, and this is no pod with a service account",
            "set `kubeconfig` (a path relative to the project folder) in the sections `source` and `target` "
            f"of the stack file, or {KUBECONFIG}",
        ) from error


def _account() -> tuple[str, ...]:
    folder = os.environ.get(SERVICE_ACCOUNT_VARIABLE)
    return (folder,) if folder else ()


def _accept_exec_v1(config: SingleConfig) -> None:
    """lightkube takes exec plugins of v1beta1 only; v1 answers with the same `status.token`."""
    plugin = config.user.exec if config.user else None
    if plugin is not None and plugin.apiVersion == _EXEC_V1:
        plugin.apiVersion = "client.authentication.k8s.io/v1beta1"


class _Plugin(client_adapter.ExecAuth):
    """An exec plugin. lightkube takes its token only, and raises KeyError where it answers otherwise, as with
    a client certificate (ExecCredentialStatus of client.authentication.k8s.io).
    """

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Log in to one request. Raises CouldNotConnect; lightkube's ConfigError where the plugin fails."""
        try:
            yield from super().sync_auth_flow(request)
        except (KeyError, TypeError, ValueError, OSError) as error:
            problem = one_line(error) if isinstance(error, OSError) else "it printed no token"
            raise CouldNotConnect(
                f"logging in by the exec plugin {self._exec.command} of the kubeconfig",
                problem,
                "run the plugin by hand. Of a plugin that prints a client certificate only (Teleport's "
                "`tsh`), put the certificate into a kubeconfig, or take one with a token",
            ) from error
