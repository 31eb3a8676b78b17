"""Models of accounts: sessions, permissions to sign in, changes that administrators make, and mails. Also the tokens,
client secrets and idempotency keys of programs.
"""

from portal.accounts.models.account_change import AccountChange
from portal.accounts.models.account_mail import AccountMail
from portal.accounts.models.api_token import ApiToken
from portal.accounts.models.client_secret import ClientSecret
from portal.accounts.models.idempotency_key import IdempotencyKey, OrganizationIdempotencyKey
from portal.accounts.models.permits import (
    AddressPermit,
    EmergencyAccess,
    IdentityPermit,
    SetupLink,
    UnconfirmedChange,
)
from portal.accounts.models.session import Session

__all__ = [
    "AccountChange",
    "AccountMail",
    "AddressPermit",
    "ApiToken",
    "ClientSecret",
    "EmergencyAccess",
    "IdempotencyKey",
    "IdentityPermit",
    "OrganizationIdempotencyKey",
    "Session",
    "SetupLink",
    "UnconfirmedChange",
]
