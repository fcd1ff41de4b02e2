"""Whether what a Secret holds can be used, whichever origin it comes from. Pure."""

from __future__ import annotations

from datetime import timedelta

from mirror.estate.certificates import RENEW_USER, judge_client, judge_trust, parse, pem_of, pkcs8
from mirror.estate.origin import Content
from mirror.problems import Finding
from settings.model import SourceAuthentication

_LOGIN_MODULES = {
    "scram-sha-512": "ScramLoginModule",
    "scram-sha-256": "ScramLoginModule",
    "plain": "PlainLoginModule",
}


def trusted(content: Content, margin: timedelta) -> tuple[dict[str, str], list[Finding]]:
    """The certificates to trust, keyed `*.crt`, one a key, and what is wrong with them.

    All are kept, so that a CA in renewal keeps working. Of each key Strimzi passes on the first certificate
    only (`CertificateUtils.x509Certificate`), so the others of a bundle get keys of their own.
    """
    texts = {key: text(value) for key, value in content.data.items() if key.endswith(".crt")}
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
    """What is needed to log in, and nothing besides; None where it cannot be used."""
    keys = ("user.crt", "user.key") if authentication == "tls" else ("password",)
    missing = [content.name(key) for key in keys if not content.data.get(key)]
    if missing:
        return None, [_lacking(content, missing, authentication)]
    if authentication == "tls":
        return _certificate(content, margin)
    secret = password(content.data["password"])
    findings = judge_password(secret, content.subject)
    module = _LOGIN_MODULES[authentication]
    jaas = text(content.data.get("sasl.jaas.config", b""))
    if "LoginModule" in jaas and module not in jaas:
        message = (
            f"its sasl.jaas.config names another mechanism than authentication {authentication} ({module})"
        )
        remedy = "set source.authentication to what the user logs in with"
        findings.append(Finding(content.subject, message, remedy))
    return {"password": secret}, findings


def _certificate(content: Content, margin: timedelta) -> tuple[dict[str, str] | None, list[Finding]]:
    crt, key = (text(content.data[one]) for one in ("user.crt", "user.key"))
    authority = content.data.get("ca.crt")  # of a KafkaUser's Secret: the clients CA
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
    except (ValueError, TypeError):  # then there is a finding that says so
        return None, findings


def _lacking(content: Content, missing: list[str], authentication: str) -> Finding:
    there = ", ".join(sorted(content.data)) or "nothing"
    what = f"it has no {' and no '.join(missing)}; it has: {there}"
    if content.names:
        return Finding(
            content.subject, f"{' and '.join(missing)} missing", f"authentication {authentication} needs it"
        )
    hint = "wait for the User Operator"
    if {"ca.crt", "ca.key"} & set(content.data) and "user.crt" not in content.data:
        hint = "name the user's Secret: this is a CA's"
    return Finding(
        content.subject, what, f"set `authentication` of the source to what its user uses, or {hint}"
    )


def judge_password(given: str, subject: str) -> list[Finding]:
    """Strimzi garbles some given passwords: non-ASCII turns into `??`, quotes break `sasl.jaas.config`."""
    remedy = "give the user a password of ASCII letters and digits on the source first, then deploy again"
    if not given.isascii() or not given.isprintable():
        return [
            Finding(
                subject,
                "the password has characters that are not printable ASCII; Strimzi would "
                "write ?? instead and nobody could log in",
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


def text(value: bytes) -> str:
    """Bytes that are no UTF-8 stay visible as non-ASCII, which judge_password refuses; a BOM is dropped."""
    return value.decode("utf-8-sig", errors="replace")


def password(value: bytes) -> str:
    """Secrets made with `echo` end in a newline that is no part of the password."""
    return text(value).rstrip("\r\n")


def _free(kept: dict[str, str], texts: dict[str, str], key: str, number: int) -> str:
    """A key for a bundle's further certificate, that no other certificate has."""
    name = f"{key.removesuffix('.crt')}-{number}.crt"
    while name in kept or name in texts:
        name = f"{name.removesuffix('.crt')}x.crt"
    return name
