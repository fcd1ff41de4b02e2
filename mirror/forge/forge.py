"""What a comment needs of a forge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that the token's own user wrote. A greater `number` is a later comment."""

    number: int
    body: str


class Forge(Protocol):
    """A pull request (a merge request at GitLab). All methods raise CouldNotRun."""

    limit: int
    """The most characters of a comment."""

    def comments(self) -> list[Comment]:
        """Every comment that the token's own user wrote, oldest first."""
        ...

    def head(self) -> str:
        """The newest commit of the pull request."""
        ...

    def create(self, body: str) -> Comment:
        """Write a comment."""
        ...

    def edit(self, comment: Comment, body: str) -> None:
        """Replace the text of a comment. Raises Gone where it was deleted."""
        ...

    def delete(self, comment: Comment) -> None:
        """Delete a comment; one that does not exist is not an error."""
        ...
