"""Errors that actions on changes raise."""

from tenants.errors import Conflict, PermissionDenied


class NotCaught(Conflict, code="not_caught"):
    """No rule caught the change, so it needs no review."""


class OwnChange(PermissionDenied, code="own_change"):
    """The person who reviews a change is the only one who may have made it."""
