"""The certificates of a region: Strimzi's two authorities with what they sign, and those of Kubernetes.

Names and subjects follow Strimzi (io.strimzi.operator.common.model.Ca): a cluster CA for servers and
operators, a clients CA for users. As with Strimzi, no certificate has an Authority Key Identifier. The
Kubernetes API has an authority of its own, as everywhere, and its certificates have that identifier.

`cluster-ca.crt` is what clients trust: one certificate; during a renewal the newest, then those it replaces.
"""

import datetime as dt
import ipaddress
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.files import OWNER_ONLY, whole_folder
from lab.layout import SOURCES

VALID_DAYS = 365
"""Strimzi's default (`clusterCa.validityDays`)."""

GENERATION = "cluster-ca.generation"
"""The file that counts the renewals of the cluster CA; absent before the first."""

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate with its key, both PEM; the key is PKCS#8 as Kafka wants it."""

    certificate: str
    key: str = field(repr=False)


def new_key(elliptic: bool = False) -> PrivateKey:
    """RSA 2048, as Strimzi's; or P-256."""
    return ec.generate_private_key(ec.SECP256R1()) if elliptic else rsa.generate_private_key(65537, 2048)


def key_pem(key: PrivateKey) -> str:
    """A private key as unencrypted PKCS #8 in PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def subject(common_name: str, organization: str | None = None) -> x509.Name:
    """A distinguished name."""
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(attributes)


def new_authority(common_name: str, *, elliptic: bool = False) -> KeyPair:
    """A self-signed certificate authority."""
    key, name = new_key(elliptic), subject(common_name, "io.strimzi")
    builder = _builder(name, name, key, VALID_DAYS).add_extension(
        x509.BasicConstraints(True, 0), critical=True
    )
    builder = builder.add_extension(_usage(authority=True), critical=True)
    return KeyPair(_pem(builder.sign(key, hashes.SHA256())), key_pem(key))


def issue(
    authority: KeyPair,
    name: x509.Name,
    *,
    server: bool = False,
    elliptic: bool = False,
    days: int = VALID_DAYS,
    names_authority_key: bool = False,
) -> KeyPair:
    """A certificate for a client or, with localhost's names in it, for a server (which is a client too).

    `names_authority_key` adds the Authority Key Identifier, which Strimzi does not.
    """
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
    issuer_key = serialization.load_pem_private_key(authority.key.encode(), None)
    if not isinstance(issuer_key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError("an authority of the lab has an RSA or an elliptic key")
    key = new_key(elliptic)
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if server else [])]
    builder = (
        _builder(name, issuer.subject, key, days)
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    )
    if server:
        names: list[x509.GeneralName] = [x509.DNSName("localhost")]
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if names_authority_key:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    return KeyPair(_pem(builder.sign(issuer_key, hashes.SHA256())), key_pem(key))


def public_key_pem(pair_key: str) -> str:
    """The public key of a private key, both as PEM."""
    key = serialization.load_pem_private_key(pair_key.encode(), None)
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def create(folder: Path, region: str) -> bool:
    """Make all certificates of a region in `folder`, once; say whether anything was made.

    `<name>.crt` and `<name>.key` of: cluster-ca, clients-ca, cluster-operator, kubernetes-ca, apiserver,
    admin, controller-manager, etcd; `broker.pem` and `mtls-trust.pem` are the broker's PEM stores;
    `cluster-ca.p12` and `clients-ca.p12` with `.password` are trust stores;
    `service-account.key` signs the tokens of service accounts, `service-account.pub` proves them.
    """
    return write_once(folder, lambda: _contents(region))


def write_once(folder: Path, contents: Callable[[], Mapping[str, str | bytes]]) -> bool:
    """Make the folder with these files, once; say whether anything was made."""
    if folder.is_dir():
        return False
    with whole_folder(folder) as new:
        for name, content in contents().items():
            path = new / name
            path.touch(OWNER_ONLY)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return True


def administrator(cluster: str) -> str:
    """The common name of a cluster's super user, and of its files in the folder."""
    return "admin" if cluster in SOURCES else "cluster-operator"


def generation(folder: Path) -> int:
    """How often the cluster CA has been renewed."""
    counted = folder / GENERATION
    return int(counted.read_text()) if counted.is_file() else 0


def trusted(folder: Path, authority: str = "cluster-ca") -> dict[str, str]:
    """An authority's certificates by their key in Strimzi's Secret: `ca.crt`, and `ca-<date>.crt` of those
    that it replaces, after the end of their validity (`Ca.java`, 1.2.0).
    """
    newest, *replaced = x509.load_pem_x509_certificates((folder / f"{authority}.crt").read_bytes())
    dated = {f"ca-{one.not_valid_after_utc:%Y-%m-%dT%H-%M-%SZ}.crt": _pem(one) for one in replaced}
    return {"ca.crt": _pem(newest)} | dated


def read(folder: Path, name: str) -> KeyPair:
    """The certificate `name`.crt and its key `name`.key of a folder."""
    return KeyPair((folder / f"{name}.crt").read_text(), (folder / f"{name}.key").read_text())


def expires(folder: Path) -> dt.datetime:
    """When the first of the region's certificates expires."""
    certificates = (x509.load_pem_x509_certificate(path.read_bytes()) for path in folder.glob("*.crt"))
    return min(certificate.not_valid_after_utc for certificate in certificates)


def _contents(region: str) -> Mapping[str, str | bytes]:
    cluster, clients = new_authority("cluster-ca v0"), new_authority("clients-ca v0")
    kubernetes = new_authority("kubernetes-ca", elliptic=True)
    kubernetes_issue = partial(issue, kubernetes, elliptic=True, names_authority_key=True)
    broker = issue(cluster, subject(f"{region}-kafka"), server=True)
    pairs = {
        "cluster-ca": cluster,
        "clients-ca": clients,
        "cluster-operator": issue(cluster, subject("cluster-operator")),
        "kubernetes-ca": kubernetes,
        "apiserver": kubernetes_issue(subject("kube-apiserver"), server=True),
        "admin": kubernetes_issue(subject("admin", "system:masters")),
        "controller-manager": kubernetes_issue(subject("system:kube-controller-manager")),
        "etcd": kubernetes_issue(subject("etcd"), server=True),
    }
    files: dict[str, str | bytes] = {f"{name}.crt": pair.certificate for name, pair in pairs.items()}
    files |= {f"{name}.key": pair.key for name, pair in pairs.items()}
    for name in ("cluster-ca", "clients-ca"):
        files |= trust_store(name, pairs[name])
    account_key = key_pem(new_key())
    return files | {
        # A PEM key store is one file: the key, then its certificates (KIP-651).
        "broker.pem": broker.key + broker.certificate + cluster.certificate,
        # The clients CA signs the users, the cluster CA the operator and the broker itself.
        "mtls-trust.pem": clients.certificate + cluster.certificate,
        "service-account.key": account_key,
        "service-account.pub": public_key_pem(account_key),
    }


def _builder(name: x509.Name, issuer: x509.Name, key: PrivateKey, days: int) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_encipherment=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def trust_store(name: str, authority: KeyPair) -> dict[str, str | bytes]:
    """An authority as a PKCS#12 trust store, as Strimzi offers it too, and the store's password."""
    password = secrets.token_urlsafe(12)
    certificate = x509.load_pem_x509_certificate(authority.certificate.encode())
    encryption = serialization.BestAvailableEncryption(password.encode())
    store = pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(certificate, b"ca.crt")], encryption)
    return {f"{name}.p12": store, f"{name}.password": password}


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
