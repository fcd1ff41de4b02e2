"""users-work: each copied user logs in on the target with its source credential and may do what it could do.

A real login, not a look at a Secret: SCRAM users with the password that the stack deployed, TLS users with
the certificate that the target's clients CA gave them. Then the broker is asked, as that user, what the user
may do to the topics and groups that its rules name (authorized operations, KIP-430): what is in force, and
not what is declared. Users that keep their certificate (`tls-external`) have a key that nobody here holds:
they are judged by whether the target trusts the CA that signed them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from mirror.problems import Finding
from mirror.verify.check import Check
from mirror.verify.reading.look import Look
from mirror.verify.reading.users import users
from mirror.verify.report import CheckResult
from mirror.verify.values.user_login import UserOnTarget

NAME = "users-work"
COPY_AGAIN = "`pulumi up` copies it again from the source"
_TOUCH = (
    "let the User Operator set it again (`kubectl annotate kafkauser {name} -n {namespace} --overwrite "
    "region-mirror/again=$(date +%s)`), and look at its log; then `pulumi up`"
)


def judge(
    users: Sequence[UserOnTarget],
    *,
    namespace: str,
    missing: Collection[str] = (),
    not_compared: str | None = None,
    trust: Sequence[Finding] = (),
    fewer: Sequence[Finding] = (),
) -> CheckResult:
    """`missing` are users to be copied that are not on the target; `not_compared` says why the source's own
    password and rules could not be looked at; `trust` is what is wrong with the trust in kept certificates;
    `fewer` are users whose permissions on the source are not their ACLs.
    """
    findings = [
        Finding(
            f"user {name}",
            f"there is no KafkaUser {namespace}/{name} of this mirror on the target",
            "`pulumi up` declares it",
        )
        for name in sorted(missing)
    ]
    findings += [*trust, *fewer]
    for user in users:
        findings += _user(user, namespace)
    logged_in = [one for one in users if one.tried is not None and one.tried.refused is None]
    kept = [one for one in users if one.authentication == "tls-external"]
    without = [one for one in users if one.authentication is None]
    rights = sum(one.tried.rights for one in users if one.tried is not None)
    summary = (
        f"{len(logged_in)} of {len(users)} copied users logged in; {rights} of their permissions confirmed"
    )
    if not users and not missing:
        summary = "no user is copied"
    if kept:
        summary += f"; {len(kept)} with kept certificates are judged by their CA alone"
    if without:
        summary += f"; {len(without)} have no credential"
    bare = [one.name for one in logged_in if one.acls == 0]
    if bare:
        summary += f"; {len(bare)} have no ACL, so no permission of theirs was confirmed ({_few(bare)})"
    if read_only := [one for one in users if one.read_only]:
        summary += f"; {len(read_only)} may write to mirrored topics after the promotion only"
    if users and not_compared is not None:
        summary += f"; not compared with the source: {not_compared}"
    if findings:
        wrong = len({finding.subject for finding in findings})
        summary = f"{wrong} of {len(users) + len(missing)} copied users cannot log in, or lack permissions"
    return CheckResult.of(NAME, summary, findings, _facts(users, not_compared))


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", …" if names[5:] else "")


def _user(user: UserOnTarget, namespace: str) -> list[Finding]:
    again = _TOUCH.format(name=user.name, namespace=namespace)
    findings = []
    if user.unready is not None:
        findings.append(Finding(user.subject, user.unready, "look at its status and the User Operator's log"))
    if user.unread is not None:
        findings.append(user.unread)
    findings += user.certificate
    findings += [Finding(user.subject, what, COPY_AGAIN) for what in user.differs]
    tried = user.tried
    if tried is None:
        return findings
    if tried.refused is not None:
        message = f"it cannot log in on the target: {tried.refused}"
        findings.append(Finding(user.subject, message, tried.remedy or again))
    for lacking in tried.lacking:
        what = ", ".join(lacking.operations)
        where = "the cluster" if lacking.resource == "cluster" else f"{lacking.resource} {lacking.name}"
        message = f"it may not {what} on {where} of the target, though its KafkaUser allows it"
        findings.append(Finding(user.subject, message, again))
    for unasked in tried.unasked:
        message = f"the broker could not be asked for its permissions: {unasked}"
        findings.append(Finding(user.subject, message, "check the broker's health, then verify again"))
    return findings


def _facts(users: Sequence[UserOnTarget], not_compared: str | None) -> dict[str, Any]:
    return {
        "compared_with_source": not_compared is None,
        "users": {
            user.name: {
                "authentication": user.authentication,
                "logged_in": None if user.tried is None else user.tried.refused is None,
                "rights_confirmed": 0 if user.tried is None else user.tried.rights,
                "judged_by": "the CA alone" if user.authentication == "tls-external" else "login",
            }
            for user in users
        },
    }


def _of(look: Look) -> CheckResult:
    seen = look.of(users)
    return judge(
        seen.users,
        namespace=look.settings.target.namespace,
        missing=seen.missing,
        not_compared=seen.not_compared,
        trust=seen.trust,
        fewer=seen.fewer,
    )


CHECK = Check(
    NAME,
    "each copied user logs in on the target and may do what it could do",
    reads=(users,),
    judge=_of,
)
