"""certificates-valid: each certificate that the mirror depends on is trusted, for the right host,
and does not expire soon.

    trusted CAs          what the mirror trusts of each cluster: during a renewal one of several suffices
    client certificates  the mirror's own users', the source user's, the copied TLS users'
    presented            what each broker of both clusters really shows in a TLS handshake, right now

Each has to be valid for `verification.certificate_margin_days` more: a certificate that expires in the night
before the cutover is found weeks before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509

from mirror.estate.certificates import judge_trust, parsable, parse, pem_of, validity
from mirror.problems import Finding
from mirror.text.numbers import counted
from mirror.verify.check import Check
from mirror.verify.reading.certificates import certificates
from mirror.verify.reading.look import Look
from mirror.verify.report import CheckResult
from mirror.verify.values.certificate import Client, Presented, Trust

NAME = "certificates-valid"
RENEW_BROKER = (
    "renew it: Strimzi does so by itself while its operator runs; a listener's own certificate "
    "(brokerCertChainAndKey) is renewed by its issuer"
)
_WRONG_HOST = (
    "the broker is advertised under a name that its certificate does not hold: add it to the listener's "
    "bootstrap.alternativeNames, or correct configuration.brokers[].advertisedHost"
)
_UNTRUSTED = (
    "the mirror does not trust who signed it: `pulumi up` copies the current <cluster>-cluster-ca-cert; if a "
    "proxy answers there, name the broker's own address"
)
_UNSEEN = "check that the broker runs, the address that it advertises, DNS, firewall and VPN"


def judge(
    trusts: Sequence[Trust],
    clients: Sequence[Client],
    presented: Sequence[Presented],
    *,
    margin: timedelta,
    now: datetime,
    without_copied_users: bool = False,
    without_tls: Sequence[str] = (),
) -> CheckResult:
    """Pass where each certificate is trusted, names its host, and is valid for `margin` from `now` on.
    Reported: that the clients are not those of copied users (`without_copied_users`), and the clusters whose
    connection has no TLS (`without_tls`).
    """
    findings: list[Finding] = []
    shown: list[dict[str, Any]] = []
    for trust in trusts:
        if not trust.pem:
            shown.append({"what": f"trusted CAs of {trust.alias}", "subject": "the public CAs of the system"})
            continue
        certificates = parsable([trust.pem])
        keyed = {f"certificate {number}": pem_of([one]) for number, one in enumerate(certificates, start=1)}
        findings += judge_trust(keyed, trust.subject, margin=margin, now=now)
        shown += [_shown(f"trusted CA of {trust.alias}", one, now) for one in certificates]
    unread = 0
    for client in clients:
        findings += _client(client, margin, now)
        own = parsable([client.pem])[:1]
        shown += [_shown(client.subject, one, now) for one in own]
        unread += not own
    for one in presented:
        findings += _broker(one, margin, now)
        if one.certificate is not None:
            shown.append(_shown(one.subject, one.certificate, now))
        unread += one.certificate is None
    left = [one["days_left"] for one in shown if "days_left" in one]
    soonest = f"the first expires in {min(left)} days" if left else "none of them expires"
    summary = (
        f"{counted(len(left), 'certificate')}, {len(presented)} of them of brokers, are trusted; {soonest}"
    )
    if without_copied_users:
        summary += "; certificates of copied users were not read"
    summary += "".join(f"; the connection to {alias} has no TLS" for alias in without_tls)
    if findings:
        wrong = len({finding.subject for finding in findings})
        summary = (
            f"{wrong} of {len(left) + unread} certificates are invalid, expire soon or could not be read"
        )
    return CheckResult.of(NAME, summary, findings, {"margin_days": margin.days, "certificates": shown})


def _client(client: Client, margin: timedelta, now: datetime) -> list[Finding]:
    if client.unread is not None:
        return [Finding(client.subject, f"its certificate could not be read: {client.unread}", client.remedy)]
    try:
        chain = parse(client.pem)
    except ValueError:
        return [Finding(client.subject, "it is not a PEM certificate", client.remedy)]
    return [finding for one in chain for finding in validity(one, client.subject, client.remedy, now, margin)]


def _broker(one: Presented, margin: timedelta, now: datetime) -> list[Finding]:
    if one.unseen is not None:
        return [Finding(one.subject, f"no certificate was received: {one.unseen}", _UNSEEN)]
    dates = (
        [] if one.certificate is None else validity(one.certificate, one.subject, RENEW_BROKER, now, margin)
    )
    if one.problem is None:
        return dates
    lowered = one.problem.lower()
    if "expired" in lowered and dates:
        return dates  # the same, with the date
    wrong_host = "hostname" in lowered or "ip address" in lowered
    message = f"the TLS handshake fails: {one.problem}"
    if one.certificate is not None:
        message += f" (its subject is {one.certificate.subject.rfc4514_string()})"
    return [*dates, Finding(one.subject, message, _WRONG_HOST if wrong_host else _UNTRUSTED)]


def _shown(what: str, certificate: x509.Certificate, now: datetime) -> dict[str, Any]:
    ends = certificate.not_valid_after_utc
    return {
        "what": what,
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "ends": ends.isoformat(timespec="seconds"),
        "days_left": (ends - now).days,
    }


def _of(look: Look) -> CheckResult:
    seen = look.of(certificates)
    return judge(
        seen.trusts,
        seen.clients,
        seen.presented,
        margin=timedelta(days=look.settings.verification.certificate_margin_days),
        now=datetime.fromtimestamp(look.now(), UTC),
        without_copied_users=seen.without_copied_users,
        without_tls=seen.without_tls,
    )


CHECK = Check(
    NAME,
    "certificates are trusted, name their hosts and do not expire soon",
    reads=(certificates,),
    judge=_of,
)
