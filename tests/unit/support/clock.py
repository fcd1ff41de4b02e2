"""Time that only passes when somebody sleeps."""

from __future__ import annotations

from tests.unit.support.made_up import NOW


class Clock:
    """Stands for the module `time`. `passed`: seconds slept."""

    def __init__(self) -> None:
        self.passed = 0.0

    def time(self) -> float:
        return NOW + self.passed

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float, /) -> None:
        self.passed += seconds
