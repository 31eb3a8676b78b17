"""Make the changes of a plan: first all invitations at once, then the other steps one by one."""

from __future__ import annotations

from portal.configuration.problems import Problem
from portal.configuration.steps import Plan, Step
from portal.members.invite import invite_people
from tenants.actions.invitations import checked_offer
from tenants.actors import Actor
from tenants.errors import SuretyError
from tenants.journal.batch import lock_chains


def refused_offers(plan: Plan, by: Actor) -> list[Problem]:
    """Return a problem for each invitation in the plan that would be refused. This function sends no queries."""
    refused = []
    for step in plan.changes:
        if step.offer is None:
            continue
        try:
            checked_offer(by=by, organization=plan.organization, offer=step.offer)
        except SuretyError as error:
            refused.append(refusal(step, error))
    return refused


def invite_all(plan: Plan, by: Actor) -> None:
    """Make all invitations of a plan with few SQL statements, because the journals stay locked until the transaction
    ends.

    Call this only if `refused_offers` returned an empty list.
    """
    offers = [step.offer for step in plan.changes if step.offer is not None]
    if not offers:
        return
    # The other steps lock one journal after the other. To avoid deadlocks, lock all journals now, in the usual order.
    lock_chains([plan.organization, *plan.customers])
    invite_people(by=by, organization=plan.organization, offers=offers)


def run_step(step: Step, by: Actor) -> None:
    """Make the change of one step. Do nothing for an invitation, because `invite_all` makes the invitations. Raise
    SuretyError if the change is refused.
    """
    if step.run is not None:
        step.run(by)


def refusal(step: Step, error: SuretyError) -> Problem:
    """Return the problem to report for a step that raised an error."""
    return Problem(step.line, f"{step.place}: {error.message}")
