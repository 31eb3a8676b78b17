"""List roles that wait for a second administrator, with the people who may decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.accounts.selectors import SignInMeans, sign_in_means
from portal.web.organization.place import AccessPlace
from portal.web.shared.visible import person
from tenants import selectors
from tenants.actions.confirmations import replaced_memberships
from tenants.models import Membership, Person


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A role that waits for a second administrator.

    `deciders` are the administrators who may confirm the role; `mine` is true if the signed-in person is one of them.
    `replaced` is the person's present role that ends when the waiting role is confirmed, or None.
    `means` describes how the person with the role signs in, and what a single administrator has changed about this
    person's sign-in.
    """

    membership: Membership
    deciders: Sequence[Person]
    mine: bool
    means: SignInMeans
    replaced: Membership | None

    @property
    def command(self) -> str:
        """Return the command with which the server's operator confirms the role if there is no second administrator."""
        return f'manage.py confirm_role {self.membership.pk} --reason "…"'


def waiting_rows(place: AccessPlace) -> list[WaitingRow]:
    """Return the waiting roles that the signed-in person may see, oldest first."""
    me = person()
    waiting = list(selectors.waiting_confirmations(place.organization).filter(place.rows))
    deciders = selectors.second_administrators(place.organization, waiting) if waiting else {}
    means = sign_in_means((row.person_id for row in waiting), place.organization) if waiting else {}
    replaced = replaced_memberships(waiting) if waiting else {}
    return [
        WaitingRow(row, deciders[row.pk], me in deciders[row.pk], means[row.person_id], replaced.get(row.pk))
        for row in waiting
    ]
