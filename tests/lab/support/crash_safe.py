"""Goes on after a process of pytest-xdist has ended in the middle of a test.

xdist 3 gives all files of that process to the others, also those that it had finished. A process runs its
last test when it knows that no other follows: one that gets a file without a test waits for ever, and so does
a new one that gets a file with one test. And xdist runs the test again that was running. It then counts as
failed and as passed, pytest no longer notes it as failed, and `tests.again` finds nothing to run again.
"""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]


class CrashSafe(LoadFileScheduling):  # type: ignore[misc]
    """Hands out whole files, and after a crash what is left of them."""

    def schedule(self) -> None:
        """Hand out files; a process that takes the place of an ended one also hears when no file is left."""
        first = self.collection is None
        super().schedule()
        for node in () if first else self.nodes:
            self._reschedule(node)

    def remove_node(self, node: Any) -> str | None:
        """Give what is left of an ended process to the others. Return the test that it ended in, if any."""
        left: dict[str, dict[str, bool]] = self.assigned_work.pop(node)
        waiting = (test for tests in left.values() for test, done in tests.items() if not done)
        if (crashed := next(waiting, None)) is None:
            return None
        for tests in left.values():
            if crashed in tests:
                tests[crashed] = True
        self.workqueue.update({file: tests for file, tests in left.items() if not all(tests.values())})
        for other in self.assigned_work:
            self._reschedule(other)
        return crashed
