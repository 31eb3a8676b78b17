"""The control lock-mission-critical: Critical resources have a lock."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Answer, Parameter, judge, judgements
from assessments.controls.references import Partly, References
from assessments.controls.shared.lock_rules import deletion_locks
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, manual, passed
from assessments.estate.collections.locks import LOCKS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.ids import fold
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command

CRITICAL_TAGS: Final = Parameter(
    "critical_tags",
    "criticality;businessCriticality",
    "Names of the tags that mark critical resources, separated by `;`",
    label="Tags of critical resources",
)
CRITICAL_VALUES: Final = Parameter(
    "critical_values",
    "mission-critical;critical;high",
    "Values of the tags in `critical_tags` that mark critical resources, separated by `;`",
    label="Tag values of critical resources",
)
KINDS: Final = Parameter(
    "kinds",
    "",
    "Resource types that are always critical, such as Microsoft.Sql/servers, separated by `;`",
    label="Critical resource types",
)


@judgements(
    needs=(RESOURCES, LOCKS),
    subject_type="Microsoft.Resources/subscriptions/resources",
    empty_reason="The subscription has no resources",
    fix=Fix(
        command(
            "az lock create --name no-delete --lock-type CanNotDelete --resource {id} --subscription {subscription}",
            when=lambda facts: bool(facts.segment("resourceGroups")),
        ),
        advice(
            "Mark the critical resources of the subscription with a tag, and lock them. If no resource is"
            " critical, attest this in Surety.",
            when=lambda facts: not facts.segment("resourceGroups"),
        ),
        portal="Azure portal › the resource › Settings › Locks › Add › Delete",
        portal_source="https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources",
        effects="Nobody can delete the resource, or its resource group, until somebody removes the lock. The lock also"
        " protects parts of the resource, its role assignments and its diagnostic settings, so fixes that delete one of"
        " these fail. If Site Recovery protects a locked virtual machine, remove the lock before switching the"
        " protection off.",
    ),
    severity=Severity.LOW,
    references=References(
        c2="10.1",
        c3="10.1",
        c4="7.2",
        c5="6.2",
        c6="6.2",
        nist="CP-9* CM-5*",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                "The control recognizes critical resources only by their tags and types; a person has to judge which"
                " resources are critical",
            ),
        ),
    ),
    parameters=(CRITICAL_TAGS, CRITICAL_VALUES, KINDS),
    is_manual=True,
    answer=Answer(days=365),
)
def mission_critical(ctx: Context) -> Iterator[Judgement]:
    """Critical resources have a lock.

    Problem: Critical resource without a lock against deletion
    Expected: The resource, its resource group or its subscription has a lock
    Judged: Each resource that a tag or its type marks as critical. A lock of the level CanNotDelete or ReadOnly passes,
    whether it is on the resource, on its resource group or on its subscription. `critical_tags` and `critical_values`
    name the tags and values, and `kinds` names the resource types; case does not matter. If no resource of a
    subscription is marked, somebody has to attest once a year that every resource that needs a lock has one.
    Why: A resource without a lock can be deleted by mistake, together with its resource group.
    """
    resources, gaps = ctx.partial(RESOURCES)
    critical = [view for view in resources if _may_be_critical(view, ctx)]
    for view in critical:
        yield judge(ctx, view.id or ctx.scope_id, partial(_judge, view, ctx))
    if gaps:
        yield judge(ctx, ctx.scope_id, partial(_raise, CollectionUnavailable(gaps[0])))
    elif resources and not critical:
        yield judge(ctx, ctx.scope_id, partial(_nothing_marked, ctx))


def _raise(error: CollectionUnavailable) -> Verdict:
    raise error


def _listed(ctx: Context, parameter: Parameter) -> frozenset[str]:
    """Return the texts that a parameter lists, separated by `;`, in lower case."""
    texts = str(ctx.params[parameter.name]).split(";")
    return frozenset(text.strip().casefold() for text in texts) - {""}


def _may_be_critical(view: View, ctx: Context) -> bool:
    """Return whether a resource is critical. Return True if its tags cannot be read."""
    if fold(str(view.raw("type"))) in {fold(kind) for kind in _listed(ctx, KINDS)}:
        return True
    tags = view.raw("tags")
    if not isinstance(tags, dict):
        return tags is not None
    names, values = _listed(ctx, CRITICAL_TAGS), _listed(ctx, CRITICAL_VALUES)
    return any(
        name.casefold() in names and str(value).strip().casefold() in values for name, value in tags.items()
    )


def _judge(resource: View, ctx: Context) -> Verdict:
    view = resource.bound(ctx.trace)
    if not view.id:
        raise view.unreadable("id", "absent")
    view.object("tags", default={})
    if locks := deletion_locks(ctx, view.id):
        return passed("A lock keeps the resource from being deleted", locks=locks)
    return failed("No lock keeps the resource from being deleted", locks=[])


def _nothing_marked(ctx: Context) -> Verdict:
    locks = sorted(lock.name for lock in ctx.documents(LOCKS))
    return manual(
        "No resource is marked as critical: attest that every resource that needs a lock has one", locks=locks
    )
