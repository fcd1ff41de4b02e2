"""The operator of one region put together: which key is reconciled by whom, and the periodic full pass."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.layout import NAMESPACE, Lab
from lab.operator.failures import Failure
from lab.operator.kube import Kubernetes, Unreachable
from lab.operator.mirror_maker2.reconcile import KIND as MIRROR_MAKER2
from lab.operator.mirror_maker2.reconcile import MirrorMaker2Operator
from lab.operator.mirror_maker2.workers import Tools, Workers
from lab.operator.user.model import KIND as USER
from lab.operator.user.quotas import UserQuotas
from lab.operator.user.reconcile import UserOperator
from lab.operator.work_queue import Key, TryLater, WorkQueue

log = logging.getLogger(__name__)

_MIRROR_THREADS = 4
_USER_THREADS = 4
_SERVED_POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line of the operator says."""

    region: str
    full_reconciliation_seconds: float
    """STRIMZI_FULL_RECONCILIATION_INTERVAL_MS; 120 s in Strimzi."""
    operation_timeout_seconds: float
    """STRIMZI_OPERATION_TIMEOUT_MS; 300 s in Strimzi."""


class Program:
    """Nothing that matters is kept in memory: killed and started again it goes on."""

    def __init__(self, lab: Lab, options: Options, tools: Tools) -> None:
        kube = Kubernetes(lab.kubeconfig(options.region))
        self.kubeconfig: Path = lab.kubeconfig(options.region)
        self._options = options
        quotas = UserQuotas(lab.region(options.region) / "operator")
        self._users = UserOperator(kube, NAMESPACE, options.region, quotas)
        workers = Workers(lab, options.region, tools, options.operation_timeout_seconds)
        self._kube, self._mirrors = kube, MirrorMaker2Operator(kube, workers)
        self._queues = {
            USER: WorkQueue(lambda key: self._users.reconcile(key.name), _USER_THREADS),
            MIRROR_MAKER2: WorkQueue(
                lambda key: self._mirrors.reconcile(key.namespace, key.name), _MIRROR_THREADS
            ),
        }
        self._stopped = threading.Event()
        self._passes = [
            threading.Thread(target=self._periodically, args=(one,), name=f"full-pass-{kind}", daemon=True)
            for kind, one in ((USER, self._all_users), (MIRROR_MAKER2, self._all_mirrors))
        ]

    @property
    def cluster(self) -> str:
        """The Kafka cluster whose users are minded; called as its region."""
        return self._options.region

    def wait_until_served(self) -> None:
        """Wait until the API server serves Strimzi's kinds. kopf looks for them once, at its start: a kind
        that is missing then is not watched, and its resources wait for the next full pass.
        """
        while not self._kube.serves_strimzi():
            time.sleep(_SERVED_POLL_SECONDS)

    def start(self) -> None:
        """Start the queues and the full passes."""
        for queue in self._queues.values():
            queue.start()
        for full_pass in self._passes:
            full_pass.start()

    def stop(self) -> None:
        """Take up no more work."""
        self._stopped.set()
        for queue in self._queues.values():
            queue.stop()

    def changed(self, kind: str, namespace: str, name: str) -> None:
        """Something happened to this resource: look at it. Users are minded in one namespace only."""
        if kind != USER or namespace == NAMESPACE:
            self._queues[kind].add(Key(kind, namespace, name))

    def _periodically(self, full_pass: Callable[[], None]) -> None:
        while not self._stopped.is_set():
            try:
                full_pass()
            except (TryLater, Failure, *Unreachable) as problem:
                log.warning("full pass: %s; will try again", problem)
            except Exception:
                log.exception("full pass failed; will try again")
            self._stopped.wait(self._options.full_reconciliation_seconds)

    def _all_users(self) -> None:
        for name in sorted(self._users.all_users()):
            self.changed(USER, NAMESPACE, name)

    def _all_mirrors(self) -> None:
        found = {
            (r["metadata"]["namespace"], r["metadata"]["name"]) for r in self._kube.list(MIRROR_MAKER2, "*")
        }
        left_over = {(names.namespace, names.name) for names in self._mirrors.workers.known()}
        for namespace, name in sorted(found | left_over):
            self.changed(MIRROR_MAKER2, namespace, name)
