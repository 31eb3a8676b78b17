"""Create the sandbox's certification authority (CA) and its server certificate, and keep them in the state directory.

Python 3.13 verifies certificates strictly (RFC 5280). The CA's certificate needs the keyUsage keyCertSign and a subject
key identifier, and the server's certificate needs an authority key identifier. Name constraints limit the CA to `HOSTS`
and `ADDRESSES`.
"""

import fcntl
import ipaddress
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOSTS = ("localhost", "management.azure.com", "login.microsoftonline.com", "graph.microsoft.com")
ADDRESSES = ("127.0.0.1", "::1")
_CA_LIFE, _LEAF_LIFE, _RENEW_BEFORE = timedelta(days=3650), timedelta(days=397), timedelta(days=14)


def server_context(state: Path) -> tuple[ssl.SSLContext, Path]:
    """Return the server's TLS context and the CA's file. Raise OSError if the directory `state` cannot be written."""
    folder = state / "sandbox"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ca, leaf = folder / "ca.pem", folder / "server.pem"
        if not _usable(ca) or not (folder / "ca.key").exists():
            _make_ca(ca, folder / "ca.key")
            leaf.unlink(missing_ok=True)
        if not _usable(leaf):
            _make_leaf(leaf, ca, folder / "ca.key")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(leaf)
    return context, ca.resolve()


def _usable(path: Path) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return certificate.not_valid_after_utc - datetime.now(UTC) > _RENEW_BEFORE


def _write(path: Path, content: bytes) -> None:
    """Write the file atomically, readable only by its owner."""
    fresh = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    fresh.replace(path)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _builder(name: str, key: ec.EllipticCurvePublicKey, life: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _make_ca(path: Path, key_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    networks = [ipaddress.ip_network(address) for address in ADDRESSES]
    permitted: list[x509.GeneralName] = [*map(x509.DNSName, HOSTS), *map(x509.IPAddress, networks)]
    name = "Surety sandbox CA"
    certificate = (
        _builder(name, key.public_key(), _CA_LIFE)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    _write(key_path, _pem(key))
    _write(path, certificate.public_bytes(serialization.Encoding.PEM))


def _make_leaf(path: Path, ca_path: Path, key_path: Path) -> None:
    ca = x509.load_pem_x509_certificate(ca_path.read_bytes())
    ca_key = serialization.load_pem_private_key(key_path.read_bytes(), None)
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise OSError(
            f"{key_path} does not contain the sandbox CA's key. Delete {ca_path.parent} to create a new CA."
        )
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [
        *map(x509.DNSName, HOSTS),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES),
    ]
    certificate = (
        _builder("localhost", key.public_key(), _LEAF_LIFE)
        .issuer_name(ca.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    _write(path, _pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
