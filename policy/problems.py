"""The error that ends a run of the rules without a report."""

from __future__ import annotations


class PolicyError(Exception):
    """The rules cannot be judged. Each of `problems` is one sentence with its way out."""

    def __init__(self, tried: str, problems: tuple[str, ...], way_out: str) -> None:
        self.tried = tried
        self.problems = problems
        self.way_out = way_out
        super().__init__(tried, problems, way_out)

    def __str__(self) -> str:
        return f"{self.tried}: {'; '.join(self.problems)}. {self.way_out}"
