"""Errors that actions on deliveries and the event feed raise."""

from tenants.errors import Conflict, Refusal


class WrongState(Conflict, code="wrong_state"):
    """The delivery or its channel is in a state that does not permit the action."""


class CursorExpired(Refusal, code="cursor_expired"):
    """Events after the cursor may have been deleted, so the feed cannot be continued (HTTP 410)."""
