"""A user's password, or certificate of the clients CA, and the Secret that holds it (KafkaUserModel)."""

import datetime as dt
import secrets
import string
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from lab.operator.failures import invalid_certificate, invalid_resource
from lab.operator.labels import owner_reference
from lab.operator.user.model import User

_PASSWORD_LENGTH = 32
_VALIDITY_DAYS = 365
_RENEWAL_DAYS = 30
KEY_USAGE = x509.KeyUsage(
    digital_signature=True,
    key_encipherment=True,
    key_cert_sign=False,
    crl_sign=False,
    content_commitment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)
FORCE_RENEW = "strimzi.io/force-renew"

Data = dict[str, bytes]


def password(user: User, given: Mapping[str, bytes] | None, current: Mapping[str, bytes] | None) -> str:
    """The password: the one asked for, else the one there is, else a new one (maybeGeneratePassword).

    `given` is the Secret that the KafkaUser names, `current` the user's own. Strimzi reads Secrets as ASCII,
    so that each byte of another character becomes U+FFFD.
    """
    if user.password_secret is not None and user.password_key is not None:
        value = (given or {}).get(user.password_key)
        if value is None:
            raise invalid_resource(
                f"Secret {user.password_secret} does not contain the key {user.password_key}"
                " with requested user password."
            )
        if not value:
            raise invalid_resource("The requested user password is empty.")
        return value.decode("ascii", errors="replace")
    kept = (current or {}).get("password")
    return kept.decode("ascii", errors="replace") if kept else _random(_PASSWORD_LENGTH)


def scram_data(user: User, value: str) -> Data:
    """The data of a SCRAM user's Secret, with the password `value`."""
    jaas = (
        "org.apache.kafka.common.security.scram.ScramLoginModule required"
        f' username="{user.name}" password="{value}";'
    )
    return {"password": _ascii(value), "sasl.jaas.config": _ascii(jaas)}


def certificate_data(
    user: User,
    authority: Mapping[str, bytes],
    authority_key: Mapping[str, bytes],
    current: Mapping[str, bytes] | None,
    renew: bool,
) -> Data:
    """The data of a TLS user's Secret; what is still good is kept (maybeGenerateCertificates)."""
    for secret, file, what in ((authority, "ca.crt", "Cert"), (authority_key, "ca.key", "Key")):
        if file not in secret:
            raise invalid_certificate(f"The Clients CA {what} Secret is missing the {file} file")
    kept = {} if renew or (current or {}).get("ca.crt") != authority["ca.crt"] else dict(current or {})
    if not kept.get("user.crt") or not kept.get("user.key") or _is_expiring(kept["user.crt"], user):
        certificate, key = _issue(user, authority["ca.crt"], authority_key["ca.key"])
        return {"ca.crt": authority["ca.crt"], "user.crt": certificate, "user.key": key} | _store(
            user, certificate, key
        )
    data = {name: kept[name] for name in ("ca.crt", "user.crt", "user.key")}
    if kept.get("user.p12") and kept.get("user.password"):
        return data | {name: kept[name] for name in ("user.p12", "user.password")}
    return data | _store(user, data["user.crt"], data["user.key"])


def manifest(user: User, resource: Mapping[str, Any], data: Mapping[str, bytes]) -> dict[str, Any]:
    """The user's Secret."""
    metadata: dict[str, Any] = {
        "name": user.name,
        "namespace": resource["metadata"]["namespace"],
        "labels": dict(user.secret_labels),
        "ownerReferences": [owner_reference(resource)],
    }
    if user.secret_annotations:
        metadata["annotations"] = dict(user.secret_annotations)
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": dict(data)}


def _ascii(text: str) -> bytes:
    return text.encode("ascii", errors="replace")


def _random(length: int) -> str:
    alphabet = string.ascii_letters + string.digits
    first = secrets.choice(string.ascii_letters)
    return first + "".join(secrets.choice(alphabet) for _ in range(length - 1))


def _is_expiring(pem: bytes, user: User) -> bool:
    margin = dt.timedelta(days=_RENEWAL_DAYS if user.renewal_days is None else user.renewal_days)
    certificate = x509.load_pem_x509_certificate(pem)
    return certificate.not_valid_after_utc - margin <= dt.datetime.now(dt.UTC)


def _issue(user: User, authority_pem: bytes, authority_key_pem: bytes) -> tuple[bytes, bytes]:
    authority = x509.load_pem_x509_certificate(authority_pem)
    signer = load_pem_private_key(authority_key_pem, password=None)
    if not isinstance(signer, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise invalid_certificate("The key of the Clients CA is neither RSA nor EC")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = dt.datetime.now(dt.UTC)
    days = _VALIDITY_DAYS if user.validity_days is None else user.validity_days
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, user.name)]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(KEY_USAGE, critical=True)
        .sign(signer, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM), pem


def _store(user: User, certificate_pem: bytes, key_pem: bytes) -> Data:
    """The same as a PKCS#12 store, whose password lies beside it."""
    store_password = _random(_PASSWORD_LENGTH).encode()
    key = load_pem_private_key(key_pem, password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise invalid_certificate(f"The key of user {user.name} is neither RSA nor EC")
    store = pkcs12.serialize_key_and_certificates(
        user.name.encode(),
        key,
        x509.load_pem_x509_certificate(certificate_pem),
        None,
        BestAvailableEncryption(store_password),
    )
    return {"user.p12": store, "user.password": store_password}
