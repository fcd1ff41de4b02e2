"""Made-up certificates and their judgement, for the tests of certificates-valid."""

from __future__ import annotations

from datetime import timedelta

from mirror.verify.checks.certificates_valid import judge
from mirror.verify.report import CheckResult
from mirror.verify.values.certificate import Client, Presented, Trust
from tests.unit.support.pki import NOW, Issued, issue

MARGIN = timedelta(days=14)


CA = issue("cluster-ca v0")


TRUST = Trust("east", "CA certificates of east", CA.pem)


def verdict(*presented: Presented, clients: tuple[Client, ...] = (), trust: Trust = TRUST) -> CheckResult:
    return judge([trust], clients, presented, margin=MARGIN, now=NOW)


def shown(certificate: Issued | None, problem: str | None = None) -> Presented:
    return Presented("east", 1, "kafka-1:9094", certificate.certificate if certificate else None, problem)
