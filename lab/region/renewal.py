"""Renewal of a region's cluster CA with a new key, in the order in which Strimzi's Cluster Operator does it.

First everybody learns to trust the new certificate beside the old one, then the servers' certificates are
issued anew, and only then is the old one forgotten (CaReconciler of the Cluster Operator, 1.2.0). Each step
ends with a broker that serves; being the only one, it is away for some seconds while it restarts.
"""

from collections.abc import Mapping
from pathlib import Path

from lab.errors import LabError
from lab.files import write_file
from lab.layout import REGIONS, Lab
from lab.ports import known
from lab.processes import declare
from lab.region import apply, clients, kafka, pki, strimzi
from lab.region.tools import Tools
from lab.waiting import wait_ready

Files = Mapping[str, str | bytes]


def trust_new_authority(lab: Lab, region: str, tools: Tools) -> None:
    """Make the next cluster CA: `ca.crt` of its Secret, the one it replaces as `ca-<date>.crt` beside it.
    The servers' certificates are still of the old one.
    """
    _serve(lab, region, tools, trusting_the_next(lab.pki(region)))


def use_new_authority(lab: Lab, region: str, tools: Tools) -> None:
    """Issue the broker's and the operator's certificates anew. Who trusts the old one alone is shut out."""
    _serve(lab, region, tools, issued_anew(lab.pki(region), region))


def forget_old_authority(lab: Lab, region: str, tools: Tools) -> None:
    """Trust the newest certificate alone."""
    _serve(lab, region, tools, trusting_the_newest(lab.pki(region)))


def trusting_the_next(folder: Path) -> dict[str, str | bytes]:
    """What changes in the folder when the next authority is made."""
    generation = pki.generation(folder) + 1
    authority = pki.new_authority(f"cluster-ca v{generation}")
    counted = {"cluster-ca.key": authority.key, pki.GENERATION: str(generation)}
    trusted = authority.certificate + "".join(pki.trusted(folder).values())
    return _trust(folder, trusted) | counted | pki.trust_store("cluster-ca", authority)


def issued_anew(folder: Path, region: str) -> Files:
    """What changes in the folder when the newest authority signs the servers' certificates."""
    authority = pki.KeyPair(pki.trusted(folder)["ca.crt"], (folder / "cluster-ca.key").read_text())
    broker = pki.issue(authority, pki.subject(f"{region}-kafka"), server=True)
    operator = pki.issue(authority, pki.subject("cluster-operator"))
    return {
        "broker.pem": broker.key + broker.certificate + authority.certificate,
        "cluster-operator.crt": operator.certificate,
        "cluster-operator.key": operator.key,
    }


def trusting_the_newest(folder: Path) -> Files:
    """What changes in the folder when the replaced authorities are forgotten."""
    return _trust(folder, pki.trusted(folder)["ca.crt"])


def _trust(folder: Path, certificates: str) -> dict[str, str | bytes]:
    clients_ca = (folder / "clients-ca.crt").read_text()
    return {"cluster-ca.crt": certificates, "mtls-trust.pem": clients_ca + certificates}


def _serve(lab: Lab, region: str, tools: Tools, files: Files) -> None:
    """Write the files, and bring the broker and Kubernetes to what they say."""
    if region not in REGIONS:
        raise LabError(f"{region} is not on Kubernetes: nobody renews its CA")
    for name, content in files.items():
        write_file(lab.pki(region) / name, content)
    spec, ports = kafka.spec(lab, region, tools), known(lab)
    declare(lab, spec)
    wait_ready(lab, spec, lambda: kafka.unready(lab, region, ports))
    apply.apply(clients.kubernetes(lab, region), strimzi.secrets(region, lab.pki(region)))
