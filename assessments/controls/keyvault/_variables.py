"""The values that fixes of key vaults need."""

from __future__ import annotations

from typing import Final

from assessments.fixes.variables import Variable, segment

VAULT: Final = Variable("vault", "Name of the key vault", "kv-shop", "the key vault", segment("vaults"))
HSM: Final = Variable("hsm", "Name of the managed HSM", "hsm-shop", "the managed HSM", segment("managedHSMs"))
KEY: Final = Variable("key", "Name of the key", "orders", "the key", segment("keys"))
SECRET: Final = Variable(
    "secret", "Name of the secret", "database-password", "the secret", segment("secrets")
)
HSMS: Final = ("microsoft.keyvault/managedhsms",)
VAULTS: Final = ("microsoft.keyvault/vaults",)
