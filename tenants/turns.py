"""Let actions that count rows take turns, so that a maximum number of rows also holds for simultaneous requests."""

from __future__ import annotations

from tenants.models import Organization, Person, Tenant


def take_turn(owner: Organization | Tenant | Person) -> None:
    """Wait until no other transaction has the turn of this owner, and keep the turn until the transaction ends.

    An action calls this before it counts rows of the owner and adds one. Otherwise, simultaneous requests would not
    count the rows of each other. Take the turn before other row locks (`tenants.locks`).
    """
    # The owner may be a lazy object, such as the person of a request. Its `__class__` is the model, but `type` would
    # return the class of the wrapper.
    rows = owner.__class__._default_manager.select_for_update(no_key=True, of=("self",))
    rows.only("pk").get(pk=owner.pk)
