"""Models of accounts: sessions, permissions to sign in, and changes that administrators make."""

from portal.accounts.models.account_change import AccountChange
from portal.accounts.models.permits import EmergencyAccess, IdentityPermit
from portal.accounts.models.session import Session

__all__ = ["AccountChange", "EmergencyAccess", "IdentityPermit", "Session"]
