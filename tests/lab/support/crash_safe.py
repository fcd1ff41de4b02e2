"""Goes on after a process of pytest-xdist has ended in the middle of a test.

xdist 3 gives all files of that process to the others, also those that it had finished. A finished file has no
test left, so a process that gets one waits for its next test, and the run for that process: for ever, at the
end of the run, where every process holds its last test until it gets another.
"""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]


class CrashSafe(LoadFileScheduling):  # type: ignore[misc]
    """Hands out whole files, and after a crash only those that have a test left."""

    def remove_node(self, node: Any) -> str | None:
        """Forget the finished files of a process that has ended."""
        files = self.assigned_work[node]
        for file in [file for file, tests in files.items() if all(tests.values())]:
            del files[file]
        crashed: str | None = super().remove_node(node)
        return crashed
