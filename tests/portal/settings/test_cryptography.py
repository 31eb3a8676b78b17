"""Algorithms and parameters are the ones that docs/cryptography.md lists."""

from __future__ import annotations

import base64

from django.contrib.auth.hashers import ScryptPasswordHasher
from django.core.signing import Signer
from django.utils.csp import CSP, LazyNonce

from portal.notify.signing import new_secret, signing_key
from portal.settings import security
from tenants.secrets import Secret, new_key


def test_passwords_are_hashed_with_scrypt_as_owasp_recommends() -> None:
    assert security.PASSWORD_HASHERS[0].endswith(".ScryptPasswordHasher")
    hasher = ScryptPasswordHasher()
    # N = 2^14 with r = 8 needs p = 5 (OWASP Password Storage Cheat Sheet).
    assert (hasher.work_factor, hasher.block_size, hasher.parallelism) == (2**14, 8, 5)


def test_no_weak_hash_verifies_passwords() -> None:
    assert {name.rpartition(".")[2] for name in security.PASSWORD_HASHERS} == {
        "ScryptPasswordHasher",
        "PBKDF2PasswordHasher",
    }


def test_keys_have_256_bits() -> None:
    assert len(base64.b64decode(new_key())) == 32
    assert len({new_key() for _ in range(100)}) == 100
    assert len(signing_key(Secret(new_secret()))) == 32


def test_links_are_signed_with_hmac_sha_256() -> None:
    signature = Signer(salt="x").sign("value").rpartition(":")[2]
    assert Signer(salt="x").algorithm == "sha256"
    assert len(base64.urlsafe_b64decode(signature + "=")) == 32


def test_each_response_has_its_own_nonce() -> None:
    assert CSP.NONCE in security.SECURE_CSP["script-src"]
    nonces = {str(LazyNonce()) for _ in range(50)}
    assert len(nonces) == 50
    assert all(len(nonce) >= 22 for nonce in nonces)
