"""What an unprotected connection to the source means, for each preview and plan. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from settings.model import ANONYMOUS, Settings


def unprotected_source(settings: Settings) -> Iterator[str]:
    """Warn of a source without TLS (`source.encryption: none`) or without a login."""
    source, alias = settings.source, settings.source.alias
    if not source.encrypted:
        text = (
            f"the connection to {alias} has no TLS (source.encryption: none): everybody on the network to "
            "its brokers can read and change the records and offsets that are mirrored"
        )
        if source.logs_in:
            text += f", and record the login of {source.user}, from which a weak password can be guessed"
        yield f"{text}. Use a listener with TLS as soon as the source has one"
    if not source.logs_in:
        yield (
            f"the mirror does not log in to {alias} (source.authentication: none): what it may read as "
            f"User:{ANONYMOUS}, everybody who reaches the brokers may read"
        )
