"""The keys of the identity provider that a source outside Kubernetes trusts (RFC 7517), and its tokens.

The broker reads the public key from a file and so needs no identity provider that runs. Tests run one where
they log in (`tests/lab/support/identity_provider.py`).
"""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from lab.region.pki import key_pem

KEY, JWKS = "tokens.key", "jwks.json"
AUDIENCE, ISSUER = "kafka", "https://identity.example"
_NAME = "lab"
_SECONDS = 600
_MODULE = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
_VALIDATOR = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler"
_ALLOWED = "org.apache.kafka.sasl.oauthbearer.allowed.urls"


def new_keys() -> dict[str, str]:
    """Make the private key and the key set with its public key, as files of a cluster's PKI."""
    key = rsa.generate_private_key(65537, 2048)
    numbers = key.public_key().public_numbers()
    public = {"kty": "RSA", "kid": _NAME, "use": "sig", "alg": "RS256"}
    public |= {"n": _number(numbers.n), "e": _number(numbers.e)}
    return {KEY: key_pem(key), JWKS: json.dumps({"keys": [public]})}


def broker_properties(folder: Path, listener: str) -> dict[str, str]:
    """Render what a broker needs to check tokens on a listener (KIP-768)."""
    prefix = f"listener.name.{listener}.oauthbearer."
    return {
        f"{prefix}sasl.jaas.config": f"{_MODULE} required;",
        f"{prefix}sasl.server.callback.handler.class": _VALIDATOR,
        "sasl.oauthbearer.jwks.endpoint.url": (folder / JWKS).as_uri(),
        "sasl.oauthbearer.expected.audience": AUDIENCE,
        "sasl.oauthbearer.expected.issuer": ISSUER,
    }


def broker_options(folder: Path) -> tuple[str, ...]:
    """Return the JVM option without which the broker reads no key set."""
    return (f"-D{_ALLOWED}={(folder / JWKS).as_uri()}",)


def token(folder: Path, user: str) -> str:
    """Sign a token for a user, as the identity provider does (RS256)."""
    key = serialization.load_pem_private_key((folder / KEY).read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("tokens are signed with an RSA key")
    now = int(time.time())
    claims: dict[str, object] = {
        "sub": user,
        "aud": AUDIENCE,
        "iss": ISSUER,
        "iat": now,
        "exp": now + _SECONDS,
        "scope": AUDIENCE,
    }
    signed = ".".join(_encoded(json.dumps(one).encode()) for one in ({"alg": "RS256", "kid": _NAME}, claims))
    return f"{signed}.{_encoded(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _number(value: int) -> str:
    return _encoded(value.to_bytes((value.bit_length() + 7) // 8))


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
