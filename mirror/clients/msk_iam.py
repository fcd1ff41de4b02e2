"""Tokens for Amazon MSK from an AWS identity, for librdkafka: mechanism OAUTHBEARER instead of Amazon's own.

A token is a URL that AWS's default chain of credentials has signed (SigV4), valid for 15 minutes. librdkafka
asks for a new one before it expires.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from mirror.problems import CouldNotRun

CALLBACK = "oauth_cb"
PORTABLE = "region-mirror.msk.iam"
"""Stands for the callback in a configuration that goes to another process as JSON."""
_SIGNER = "aws_msk_iam_sasl_signer.MSKAuthTokenProvider"
_SESSION = "region-mirror"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs tokens for one region, as the identity or as a role that it assumes."""

    region: str
    role_arn: str = ""

    def __call__(self, _: str = "") -> tuple[str, float]:
        """Return a token, and when it expires, in seconds since the epoch. librdkafka calls it. Raises
        CouldNotRun where Amazon's package is missing, and errors of botocore where there is no identity.
        """
        provider = _provider()
        if self.role_arn:
            token, expires = provider.generate_auth_token_from_role_arn(self.region, self.role_arn, _SESSION)
        else:
            token, expires = provider.generate_auth_token(self.region)
        return str(token), float(expires) / 1000

    def checked(self) -> Signer:
        """Return it where Amazon's package is installed. Raises CouldNotRun."""
        _provider()
        return self


def portable(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client's configuration that can be written as JSON."""
    signer = config.get(CALLBACK)
    if not isinstance(signer, Signer):
        return dict(config)
    rest = {key: value for key, value in config.items() if key != CALLBACK}
    return {**rest, PORTABLE: [signer.region, signer.role_arn]}


def restored(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration from which `portable` made this one."""
    rest = {key: value for key, value in config.items() if key != PORTABLE}
    return {**rest, CALLBACK: Signer(*config[PORTABLE])} if PORTABLE in config else rest


def _provider() -> Any:
    try:
        return import_module(_SIGNER)
    except ImportError as error:
        raise CouldNotRun(
            "signing a token for Amazon MSK",
            f"the package aws-msk-iam-sasl-signer-python is missing ({error})",
            "install it: pip install 'region-mirror[msk]'",
        ) from error
