"""Errors that actions on deliveries raise."""

from tenants.errors import Conflict


class WrongState(Conflict, code="wrong_state"):
    """The delivery or its channel is in a state that does not permit the action."""
