"""Judges whether the content of a Secret can be used as CA or as credential, from any origin. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta

from mirror.estate.certificates import RENEW_USER, judge_client, judge_trust, parse, pem_of, pkcs8
from mirror.estate.origin import Content
from mirror.problems import Finding
from settings.model import SourceAuthentication

_LOGIN_MODULES = {
    "scram-sha-512": "ScramLoginModule",
    "scram-sha-256": "ScramLoginModule",
    "plain": "PlainLoginModule",
    "oauth": "OAuthBearerLoginModule",
}
_LONG_ENOUGH = 12
TLS_CERTIFICATE, TLS_KEY = "tls.crt", "tls.key"
"""The keys of a Secret of type kubernetes.io/tls."""
_RENEW_ELSEWHERE = "renew the certificate where it is issued (cert-manager, Vault), then deploy again"


def trusted(content: Content, margin: timedelta) -> tuple[dict[str, str], list[Finding]]:
    """The certificates to trust, one for each key `*.crt`, and findings about them.

    All are kept, so that a renewal of the CA does not interrupt the mirror. Strimzi uses only the first
    certificate of each key (`CertificateUtils.x509Certificate`), so a bundle is split over several keys.
    """
    texts = {key: text(value) for key, value in content.data.items() if key.endswith(".crt")}
    if TLS_KEY in content.data and "ca.crt" in texts:
        # A Secret of type kubernetes.io/tls: tls.crt is a certificate that ca.crt has signed.
        texts.pop(TLS_CERTIFICATE, None)
    kept: dict[str, str] = {}
    for key, pem in sorted(texts.items()):
        try:
            certificates = parse(pem)
        except ValueError:
            kept[key] = pem  # judged below, like any other
            continue
        for number, certificate in enumerate(certificates, start=1):
            kept[key if number == 1 else _free(kept, texts, key, number)] = pem_of([certificate])
    return kept, judge_trust(kept, content.subject, margin=margin)


def login(
    content: Content, authentication: SourceAuthentication, margin: timedelta
) -> tuple[dict[str, str] | None, list[Finding]]:
    """The keys that are needed to log in, without the others of the Secret, and findings about them.

    None where the credential cannot be used.
    """
    if authentication == "tls":
        content = _under_strimzis_keys(content)
    keys = ("user.crt", "user.key") if authentication == "tls" else ("password",)
    missing = [content.name(key) for key in keys if not content.data.get(key)]
    if missing:
        return None, [_lacking(content, missing, authentication)]
    if authentication == "tls":
        return _certificate(content, margin)
    secret = password(content.data)
    findings = judge_password(secret, content.subject)
    module = _LOGIN_MODULES[authentication]
    jaas = text(content.data.get("sasl.jaas.config", b""))
    if "LoginModule" in jaas and module not in jaas:
        message = f"its sasl.jaas.config does not fit authentication {authentication}, which needs {module}"
        remedy = "set source.authentication to the authentication of the user"
        findings.append(Finding(content.subject, message, remedy))
    return {"password": secret}, findings


def _under_strimzis_keys(content: Content) -> Content:
    """A Secret of type kubernetes.io/tls (cert-manager, Vault) under the keys of the User Operator."""
    ours = {"user.crt": TLS_CERTIFICATE, "user.key": TLS_KEY}
    if not ours.keys().isdisjoint(content.data) or not set(ours.values()) <= set(content.data):
        return content
    data = {**content.data, **{key: content.data[theirs] for key, theirs in ours.items()}}
    return Content(content.subject, data, {**content.names, **ours}, content.remedy or _RENEW_ELSEWHERE)


def _certificate(content: Content, margin: timedelta) -> tuple[dict[str, str] | None, list[Finding]]:
    crt, key = (text(content.data[one]) for one in ("user.crt", "user.key"))
    authority = content.data.get("ca.crt")  # in a KafkaUser's Secret this is the clients CA
    findings = judge_client(
        crt,
        key,
        content.subject,
        margin=margin,
        clients_ca_pem=text(authority) if authority else None,
        names=(content.name("user.crt"), content.name("user.key")),
        remedy=content.remedy or RENEW_USER,
    )
    try:
        return {"user.crt": pem_of(parse(crt)), "user.key": pkcs8(key)}, findings
    except (ValueError, TypeError):  # judge_client has a finding for it
        return None, findings


def _lacking(content: Content, missing: list[str], authentication: str) -> Finding:
    there = ", ".join(sorted(content.data)) or "nothing"
    what = f"it has no {' and no '.join(missing)}; it has: {there}"
    if content.names:
        return Finding(
            content.subject,
            f"{' and '.join(missing)} missing",
            f"set it: authentication {authentication} needs it",
        )
    hint = "wait for the User Operator"
    if {"ca.crt", "ca.key"} & set(content.data) and "user.crt" not in content.data:
        hint = "name the Secret of the user: this is the Secret of a CA"
    return Finding(
        content.subject,
        what,
        f"set `authentication` of the source to the authentication of its user, or {hint}",
    )


def judge_password(given: str, subject: str) -> list[Finding]:
    """Findings for passwords that Strimzi corrupts: it writes `??` for a non-ASCII character, and does not
    escape quotes in `sasl.jaas.config`.
    """
    remedy = "set a password of ASCII letters and digits for the user on the source, then deploy again"
    if given.endswith(("\r", "\n")):
        message = (
            "the password ends with a newline, which the User Operator made part of it (its desired password "
            "was written with a newline, for example by `echo`); MM2 could not log in with it"
        )
        return [Finding(subject, message, remedy)]
    if not given.isascii() or not given.isprintable():
        return [
            Finding(
                subject,
                "the password has characters that are not printable ASCII; Strimzi would "
                "write ?? instead, and the login would fail",
                remedy,
            )
        ]
    if '"' in given or "\\" in given:
        return [
            Finding(
                subject,
                "the password has a quote or a backslash, which Strimzi does not escape in sasl.jaas.config",
                remedy,
            )
        ]
    return []


def judge_unchanged(data: Mapping[str, bytes], names: Mapping[str, str], subject: str) -> list[Finding]:
    """Findings for a Secret that Strimzi uses as it is, where the stack's copy would have corrected it: a
    password that ends with a newline, and a key that is not PKCS#8.

    `data` has the keys of Strimzi's Secrets, `names` those of this one.
    """
    found = []
    if text(data.get("password", b"")).endswith(("\r", "\n")):
        message = f"{names['password']} ends with a newline, which MM2 would use as a part of the password"
        remedy = "write it without the newline where the Secret is maintained (`printf`, not `echo`)"
        found.append(Finding(subject, message, remedy))
    key = text(data.get("user.key", b""))
    if "-----BEGIN" in key and "-----BEGIN PRIVATE KEY-----" not in key:
        message = f"{names['user.key']} is not PKCS#8, the only form of a private key that Kafka reads"
        remedy = "convert it (`openssl pkcs8 -topk8 -nocrypt`); cert-manager: spec.privateKey.encoding: PKCS8"
        found.append(Finding(subject, message, remedy))
    return found


def several_certificates(data: Mapping[str, bytes]) -> list[str]:
    """The keys that hold more than one certificate."""
    return [key for key, value in sorted(data.items()) if value.count(b"-----BEGIN CERTIFICATE-----") > 1]


def encoded_twice(given: str) -> bool:
    """Whether a password is itself base64 of printable text. A random one of 12 characters hardly ever is."""
    if len(given) < _LONG_ENOUGH:
        return False
    try:
        decoded = base64.b64decode(given, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return False
    return decoded.isprintable()


def text(value: bytes) -> str:
    """Decode UTF-8 and drop a BOM. Invalid bytes become a non-ASCII character, which judge_password
    reports.
    """
    return value.decode("utf-8-sig", errors="replace")


def password(data: Mapping[str, bytes]) -> str:
    """Decode the password of a user's Secret.

    A newline at the end is dropped, because Secrets that were made with `echo` end in one. It is kept, and
    then rejected, where `sasl.jaas.config` has it too: there the User Operator made it part of the password.
    """
    given = text(data.get("password", b""))
    if f'password="{given}"' in text(data.get("sasl.jaas.config", b"")):
        return given
    return given.rstrip("\r\n")


def _free(kept: dict[str, str], texts: dict[str, str], key: str, number: int) -> str:
    """A key for another certificate of a bundle that is not in use yet."""
    name = f"{key.removesuffix('.crt')}-{number}.crt"
    while name in kept or name in texts:
        name = f"{name.removesuffix('.crt')}x.crt"
    return name
