"""Validation of certificates, and the messages for invalid ones."""

import datetime as dt
from collections.abc import Callable

import pytest
from asn1crypto import core, keys
from asn1crypto.pem import armor
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tenants.azure import certificates
from tenants.errors import InvalidInput
from tests.factories import certificate_pem
from tests.processor_time import at_most

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def part(pem: str, kind: str) -> str:
    begin = pem.index(f"-----BEGIN {kind}")
    return pem[begin : pem.index("-----", pem.index(f"-----END {kind}") + 5) + 5] + "\n"


def test_valid_certificate_and_key(key: rsa.RSAPrivateKey) -> None:
    pem = certificate_pem(key=key)
    read = certificates.read(pem)
    certificate = x509.load_pem_x509_certificate(part(pem, "CERTIFICATE").encode())
    assert read.expires_at == certificate.not_valid_after_utc
    assert read.thumbprint == read.thumbprint.upper()
    assert len(read.thumbprint) == 40
    assert read.subject == "CN=surety test"
    assert "PRIVATE KEY" in read.pem
    assert "PRIVATE" not in repr(read)


@pytest.mark.slow(seconds=1)
def test_order_line_endings_and_surrounding_text_are_ignored(key: rsa.RSAPrivateKey) -> None:
    pem = certificate_pem(key=key)
    private, public = part(pem, "PRIVATE KEY"), part(pem, "CERTIFICATE")
    expected = certificates.read(pem).thumbprint
    for variant in (public + private, f"\n\n  {pem}\n", pem.replace("\n", "\r\n"), f"Bag Attributes\n{pem}"):
        assert certificates.read(variant).thumbprint == expected


@pytest.mark.slow(seconds=1)
def test_certificate_of_the_key_is_chosen_from_a_chain(key: rsa.RSAPrivateKey) -> None:
    pem = certificate_pem(key=key)
    issuer = part(certificate_pem(end=400 * DAY), "CERTIFICATE")
    expected = certificates.read(pem)
    for chain in (issuer + pem, pem + issuer):
        assert certificates.read(chain).thumbprint == expected.thumbprint
        assert certificates.read(chain).expires_at == expected.expires_at


def new_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


UNUSABLE: dict[str, tuple[Callable[[rsa.RSAPrivateKey], str], str]] = {
    "nothing": (lambda key: "", "certificate_key_missing"),
    "text": (lambda key: "my certificate", "certificate_key_missing"),
    "other characters": (lambda key: "é\x00😀\ud800", "certificate_key_missing"),
    "key alone": (lambda key: part(certificate_pem(key=key), "PRIVATE KEY"), "certificate_missing"),
    "certificate alone": (
        lambda key: part(certificate_pem(key=key), "CERTIFICATE"),
        "certificate_key_missing",
    ),
    "truncated": (lambda key: certificate_pem(key=key)[:-60], "certificate_missing"),
    "broken": (lambda key: certificate_pem(key=key).replace("MII", "M!I"), "certificate_key_missing"),
    "expired": (lambda key: certificate_pem(key=key, start=-9 * DAY, end=-DAY), "certificate_expired"),
    "not yet": (lambda key: certificate_pem(key=key, start=DAY), "certificate_not_yet_valid"),
    "other key": (lambda key: certificate_pem(key=key, signed_for=new_key()), "certificate_key_mismatch"),
    "elliptic": (
        lambda key: certificate_pem(key=ec.generate_private_key(ec.SECP256R1())),
        "certificate_key_not_rsa",
    ),
    "elliptic beside": (
        lambda key: certificate_pem(key=key, signed_for=ec.generate_private_key(ec.SECP256R1())),
        "certificate_key_mismatch",
    ),
    "edwards": (
        lambda key: certificate_pem(key=ed25519.Ed25519PrivateKey.generate()),
        "certificate_key_not_rsa",
    ),
    "short": (lambda key: certificate_pem(key=new_key(1024)), "certificate_key_short"),
    "passphrase": (lambda key: certificate_pem(key=key, passphrase=b"x"), "certificate_key_encrypted"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_invalid_certificate_is_refused_with_advice(name: str, key: rsa.RSAPrivateKey) -> None:
    make, code = UNUSABLE[name]
    with pytest.raises(InvalidInput) as caught:
        certificates.read(make(key))
    assert caught.value.code == code
    assert caught.value.fields == {"certificate": [caught.value.message]}
    assert "BEGIN PRIVATE" not in caught.value.message


@pytest.mark.parametrize(("offset", "usable"), [(-dt.timedelta(seconds=1), True), (dt.timedelta(0), False)])
def test_certificate_expires_exactly_at_its_end(
    offset: dt.timedelta, usable: bool, key: rsa.RSAPrivateKey
) -> None:
    pem = certificate_pem(key=key)
    end = certificates.read(pem).expires_at
    if usable:
        assert certificates.read(pem, now=end + offset).expires_at == end
    else:
        with pytest.raises(InvalidInput, match="expired"):
            certificates.read(pem, now=end + offset)


def made_up_key(bits: int, prime_bits: int) -> str:
    """Return an RSA key whose modulus and “primes” have these sizes in bits. The “primes” are not prime."""
    prime, modulus = (1 << (prime_bits - 1)) + 1, (1 << (bits - 1)) + 1
    key = keys.RSAPrivateKey(
        {
            "version": 0,
            "modulus": modulus,
            "public_exponent": 65537,
            "private_exponent": modulus - 2,
            "prime1": prime,
            "prime2": prime,
            "exponent1": prime - 2,
            "exponent2": prime - 2,
            "coefficient": prime - 2,
        }
    )
    return armor("RSA PRIVATE KEY", key.dump()).decode()


@pytest.mark.parametrize(("bits", "prime_bits"), [(80_000, 40_000), (2048, 40_000), (4098, 2049)])
def test_keys_that_would_take_minutes_to_check_are_refused_at_once(bits: int, prime_bits: int) -> None:
    with at_most(1):
        with pytest.raises(InvalidInput) as error:
            certificates.read(made_up_key(bits, prime_bits))
        assert error.value.code == "certificate_key_long"


def test_a_key_with_which_each_sign_in_takes_seconds_is_refused(key: rsa.RSAPrivateKey) -> None:
    numbers = key.private_numbers()
    public = numbers.public_numbers
    # This exponent belongs to the same private key, but is very long.
    exponent = public.e + (numbers.p - 1) * (numbers.q - 1) * (1 << 100_000)
    long = keys.RSAPrivateKey(
        {
            "version": 0,
            "modulus": public.n,
            "public_exponent": exponent,
            "private_exponent": numbers.d,
            "prime1": numbers.p,
            "prime2": numbers.q,
            "exponent1": numbers.dmp1,
            "exponent2": numbers.dmq1,
            "coefficient": numbers.iqmp,
        }
    )
    with pytest.raises(InvalidInput, match="exponent 65537") as error:
        certificates.read(armor("RSA PRIVATE KEY", long.dump()).decode())
    assert error.value.code == "certificate_key_exponent"


OTHER_KINDS = {"dsa": "1.2.840.10040.4.1", "dh": "1.2.840.113549.1.3.1"}


class Numbers(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.Integer


class Algorithm(core.Sequence):  # type: ignore[misc]
    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", Numbers)]


class PrivateKey(core.Sequence):  # type: ignore[misc]
    """A private key in the form of PKCS #8 (RFC 5958). Its numbers can have any size."""

    _fields = [("version", core.Integer), ("algorithm", Algorithm), ("key", core.OctetString)]


def other_key(kind: str, bits: int) -> bytes:
    """Return a key of a kind other than RSA. The numbers in the key have this size in bits."""
    number = (1 << (bits - 1)) + 1
    parameters = [number, number, number - 2] if kind == "dsa" else [number, number - 2]
    algorithm = {"algorithm": OTHER_KINDS[kind], "parameters": parameters}
    key = {"version": 0, "algorithm": algorithm, "key": core.Integer(number - 4).dump()}
    encoded: bytes = PrivateKey(key).dump()
    return encoded


@pytest.mark.parametrize("kind", OTHER_KINDS)
@pytest.mark.parametrize("beside", [False, True])
def test_other_kinds_of_keys_are_refused_before_their_public_key_is_computed(
    kind: str, *, beside: bool
) -> None:
    """For a very large DSA key, computing the public key takes long and blocks all other threads of the process."""
    pem = armor("PRIVATE KEY", other_key(kind, 20_000)).decode()
    if beside:
        pem = certificate_pem() + pem
    with at_most(1), pytest.raises(InvalidInput) as error:
        certificates.read(pem)
    assert error.value.code == "certificate_key_not_rsa"


@pytest.mark.parametrize("before", ["Comment: {rsa}\n\n", "{rsa}\n"])
def test_no_header_hides_the_kind_of_a_key(before: str) -> None:
    """Programs that read PEM skip headers, so the check must not take a header for the beginning of the key."""
    own = part(certificate_pem(), "PRIVATE KEY").splitlines()[1:-1]
    begin, rest = armor("PRIVATE KEY", other_key("dsa", 20_000)).decode().split("\n", 1)
    with at_most(1), pytest.raises(InvalidInput) as error:
        certificates.read(f"{begin}\n{before.format(rsa=''.join(own))}{rest}")
    assert error.value.code == "certificate_key_missing"


@pytest.mark.parametrize("label", ["DSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"])
def test_keys_in_older_formats_are_refused_by_their_label(label: str) -> None:
    with pytest.raises(InvalidInput) as error:
        certificates.read(armor(label, b"\x30\x00").decode())
    assert error.value.code == "certificate_key_not_rsa"


@pytest.mark.slow(seconds=1)
def test_the_largest_keys_of_key_vault_are_accepted() -> None:
    assert certificates.read(certificate_pem(key=new_key(4096))).subject == "CN=surety test"
