"""What a failed request to a Kubernetes API means: the error to raise, with the way out. Pure."""

from __future__ import annotations

import httpx2
from lightkube.core.exceptions import ConfigError

from mirror.problems import (
    AlreadyChanged,
    CouldNotConnect,
    CouldNotRead,
    CouldNotRun,
    NotLoggedIn,
    NotThere,
    TooManyRequests,
    one_line,
)

_DOING = {"create": "creating", "patch": "changing", "update": "changing", "delete": "deleting"}


def not_reached(where: str, error: Exception) -> CouldNotConnect:
    """The error for a request that got no answer of the API `where`, or an answer that is not JSON.

    It does not name the object that was requested, so that many failed reads give one message.
    """
    reaching = f"reaching {where}"
    if isinstance(error, ConfigError):  # an exec plugin failed
        return CouldNotConnect(reaching, one_line(error), "log in to the cluster and try `kubectl get`")
    if isinstance(error, httpx2.TimeoutException):
        way_out = "check the address, the network and VPN, and that the API runs"
        return CouldNotConnect(reaching, "no answer in time", way_out)
    way_out = "check that the API runs there and that the kubeconfig's certificates are current"
    return CouldNotConnect(reaching, one_line(error) or type(error).__name__, way_out)


def refused(where: str, what: str, verb: str, response: httpx2.Response) -> CouldNotRun:
    """The error for an answer with a status of 400 or higher. `what` and `verb` (as in RBAC): the object and
    what was tried with it.
    """
    message, doing = _message(response), _DOING.get(verb, "reading")
    tried = f"{doing} {what} {'in' if verb in _DOING else 'from'} {where}"
    match response.status_code:
        case 404:
            return NotThere(tried, "it does not exist", "check name and namespace in the stack file")
        case 403:
            return CouldNotRead(tried, f"forbidden: {message}", f"grant this user `{verb}` on {what} (RBAC)")
        case 401:
            way_out = "renew the kubeconfig's token or certificate (on OpenShift: `oc login` again)"
            return NotLoggedIn(f"reaching {where}", "not logged in (401)", way_out)
        case 409 if verb in _DOING:
            return AlreadyChanged(tried, f"refused: {message}", "run it again")
        case 400 | 422 if verb in _DOING:
            return CouldNotRun(tried, f"refused: {message}", "correct what the API's message names")
        case 410:  # the snapshot of the list expired before all pages were read
            return CouldNotRead(tried, f"the list changed while it was read: {message}", "try again")
    way_out, happened = "check the API server's health", f"it answered {response.status_code}: {message}"
    kind = TooManyRequests if response.status_code == 429 else CouldNotConnect
    return kind(f"reaching {where}", happened, way_out)


def _message(response: httpx2.Response) -> str:
    """The message of a Kubernetes Status; the reason phrase where a proxy answers with something else."""
    try:
        return one_line(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return one_line(response.reason_phrase)
