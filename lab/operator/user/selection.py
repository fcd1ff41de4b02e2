"""Which events concern the User Operator: those of an informer with a label selector (UserController)."""

import threading
from collections.abc import Mapping


class Selection:
    """The resources of one kind that carry the labels of a selector. Safe to share between threads.

    The API server reports a resource that loses such a label as deleted to a watch with a selector. kopf
    watches without one, so this class keeps the names.
    """

    def __init__(self, selector: Mapping[str, str]) -> None:
        self._selector = dict(selector)
        self._selected: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def concerns(
        self, namespace: str, name: str, labels: Mapping[str, str] | None, *, deleted: bool = False
    ) -> bool:
        """Whether an event of this resource would reach the informer: it has the labels, or has lost them."""
        key, selected = (namespace, name), self._selector.items() <= dict(labels or {}).items()
        with self._lock:
            before = key in self._selected
            if selected and not deleted:
                self._selected.add(key)
            else:
                self._selected.discard(key)
            return selected or before
