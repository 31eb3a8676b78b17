"""Errors that actions on changes raise."""

from tenants.errors import Conflict, PermissionDenied


class NotCaught(Conflict, code="not_caught"):
    """No rule caught the change, so it needs no review."""


class OwnChange(PermissionDenied, code="own_change"):
    """Only the person who wants to review or approve a change can have made the change. For a service account: only the
    people who control the account.
    """
