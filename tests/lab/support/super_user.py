"""How a region's super user logs in, as the program's own clients need it."""

from __future__ import annotations

from lab.region import pki
from mirror.clients.access import ClusterAccess, TlsCredential
from tests.lab.support.lab import Regions


def access(regions: Regions, region: str) -> ClusterAccess:
    """With the administrator's certificate, on listener `mtls`."""
    lab = regions.lab
    user = pki.read(lab.pki(region), pki.administrator(region))
    return ClusterAccess(
        regions.listener(region, "mtls"),
        (lab.pki(region) / "cluster-ca.crt").read_text(),
        TlsCredential(user.certificate, user.key, pki.administrator(region)),
        region,
    )
