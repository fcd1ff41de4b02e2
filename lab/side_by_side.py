"""Several things at once, such as the same in both regions."""

import threading
from collections.abc import Callable

from lab.errors import LabError


def side_by_side(*acts: Callable[[], bool]) -> bool:
    """Do all of it at once; say whether any of it changed anything. When some fail, one `LabError` says all.

    Ctrl-C ends the wait at once: the threads are not waited for (an executor would wait for them).
    """
    changed: list[bool] = []
    failures: list[BaseException] = []

    def run(act: Callable[[], bool]) -> None:
        try:
            changed.append(act())
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(act,), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        if not isinstance(failure, LabError):
            raise failure
    if failures:
        raise LabError("\n".join(sorted(map(str, failures))))
    return any(changed)
