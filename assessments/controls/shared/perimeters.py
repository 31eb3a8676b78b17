"""Judge which networks and service tags the network security perimeter of a resource lets in.

The rules of the perimeter apply in addition to the resource's own network rules, or replace them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.verdict import Outcome, Verdict, failed, manual, passed
from assessments.estate.collection import Collection
from assessments.estate.gaps import Reason
from assessments.estate.network.perimeters import Perimeter, read_perimeter
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import advice
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable


def opens_by_perimeter(facts: Facts) -> bool:
    """Return whether the finding failed because the access rules of a network security perimeter let too many addresses
    in.
    """
    return bool(facts.texts("perimeterRules"))


FIX_PERIMETER = advice(
    "In the network security perimeter of the resource, narrow the inbound access rules in the finding: Azure portal ›"
    " Network security perimeters › {perimeter} › Profiles › {profile} › Inbound access rules.",
    when=opens_by_perimeter,
)
"""The step of a fix for a network security perimeter that lets too many addresses in. The fix must declare
PERIMETER_VARIABLES.
"""

PERIMETER_VARIABLES = (
    Variable(
        "perimeter",
        "Name of the network security perimeter",
        "nsp-data",
        "the perimeter",
        lambda facts: facts.text("perimeter"),
    ),
    Variable(
        "profile",
        "Name of the profile of the perimeter",
        "profile-sql",
        "the profile",
        lambda facts: facts.text("perimeterProfile"),
    ),
)


@dataclass(frozen=True, slots=True)
class PublicAccess:
    """The settings that decide whether public networks can reach a resource.

    - `value`: `publicNetworkAccess` as Azure spells it
    - `by_own_rules`: whether the resource's own network rules apply
    - `perimeter`: the network security perimeter of the resource, or an empty `Perimeter` if the resource belongs to no
      perimeter. It is None if the resource is secured by a perimeter that Surety cannot read, because the cloud
      offers no api-version with perimeters
    """

    value: Any
    by_own_rules: bool
    perimeter: Perimeter | None

    @property
    def by_perimeter(self) -> bool:
        """Whether the rules of a perimeter apply, alone or together with the resource's own rules."""
        return self.perimeter is None or self.perimeter.is_associated


def read_public_access(
    resource: View, collection: Collection, ctx: Context, *, is_closed: bool
) -> PublicAccess:
    """Read which settings decide whether public networks can reach a resource. Raise CollectionUnavailable or
    Unreadable if needed data could not be read.

    `collection` contains the resource's associations with perimeters. `is_closed` is True if `publicNetworkAccess` is
    Disabled or SecuredByPerimeter.
    """
    value = resource.raw("properties.publicNetworkAccess")
    try:
        perimeter = read_perimeter(ctx.documents_at(collection, resource.id))
    except CollectionUnavailable as error:
        if error.gap.reason is not Reason.API_VERSION:
            raise
        is_secured = str(value).casefold() == "securedbyperimeter"
        return PublicAccess(value, not is_closed, None if is_secured else Perimeter())
    return PublicAccess(value, not is_closed and not perimeter.is_enforced, perimeter)


def judge_perimeter(
    access: PublicAccess,
    too_open: Callable[[Perimeter], list[str]],
    *,
    what: str,
    remarks: list[str] | None = None,
    **observed: Any,
) -> Verdict | None:
    """Return the verdict on the addresses that the perimeter of a resource lets in. Return None if the resource belongs
    to no perimeter.

    `too_open` returns access rules that let too many addresses in. `what` is the word for the resource in a sentence,
    such as “server”. The verdict asks for an attestation if the perimeter has rules for service tags, whose addresses
    are unknown, or if Surety cannot read the perimeter.
    """
    remarks = list(remarks or [])
    observed["publicNetworkAccess"] = access.value
    if access.perimeter is not None:
        if not access.perimeter.is_associated:
            return None
        remarks += access.perimeter.remarks()
        if rules := too_open(access.perimeter):
            reason = f"The network security perimeter lets too many addresses in through {', '.join(rules)}"
            observed |= access.perimeter.observed()
            return failed(reason, remarks=remarks, perimeterRules=rules, **observed)
    if access.perimeter is None or access.perimeter.tags:
        return manual(
            f"Attest that the network security perimeter of this {what} lets only specific networks in",
            remarks=remarks,
            **observed,
        )
    reason = (
        "The network security perimeter lets only specific networks in"
        if access.perimeter.rules
        else "The network security perimeter lets no public network in"
    )
    return passed(reason, remarks=remarks, **observed)


def join_verdicts(
    by_perimeter: Verdict | None,
    judge_own_rules: Callable[[], Verdict],
    judge_together: Callable[[], Verdict | None] | None = None,
) -> Verdict:
    """Join the verdicts on a resource's own network rules and on the rules of its perimeter, if any.

    - If one or both are failures, return a failure with their reasons and observed values.
    - If neither is a failure, call `judge_together`: it returns a failure if both kinds of rules together let too many
      addresses in, otherwise None.
    - If the resource's own rules could not be read, return the verdict on the perimeter if it is a failure. Otherwise,
      raise the error.

    The joined verdict has the remarks of both verdicts.
    """
    if by_perimeter is None:
        return judge_own_rules()
    try:
        own = judge_own_rules()
    except (CollectionUnavailable, Unreadable):
        if by_perimeter.outcome is Outcome.FAIL:
            return by_perimeter
        raise
    remarks = tuple(dict.fromkeys((*own.remarks, *by_perimeter.remarks)))
    failures = [verdict for verdict in (own, by_perimeter) if verdict.outcome is Outcome.FAIL]
    if not failures and judge_together is not None and (together := judge_together()) is not None:
        failures = [together]
    if failures:
        observed = {key: value for verdict in failures for key, value in verdict.observed.items()}
        reason = "; ".join(verdict.reason for verdict in failures)
        return replace(failures[0], reason=reason, observed=observed, remarks=remarks)
    # Neither verdict is a failure. If the rules of the perimeter need an attestation, return the perimeter's verdict.
    # Otherwise, the resource's own rules decide.
    return replace(by_perimeter if by_perimeter.outcome is Outcome.MANUAL else own, remarks=remarks)
