"""Determine whether a machine or scale set is a node of Azure Kubernetes Service (AKS).

Nodes are in a resource group whose `managedBy` is the cluster. AKS replaces nodes, so changes to them are lost:
https://learn.microsoft.com/azure/aks/faq
"""

from __future__ import annotations

from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.shared.managed import managed_group
from assessments.controls.verdict import Outcome, Verdict
from assessments.estate.ids import fold, type_of
from assessments.estate.view import Unreadable, View

_AKS: Final = "microsoft.containerservice/managedclusters"


def belongs_to_aks(resource: View, ctx: Context) -> bool:
    """Return whether an AKS cluster manages the resource group that contains the resource. Raise CollectionUnavailable
    or Unreadable if needed data could not be read.
    """
    group = managed_group(resource, ctx)
    if group is None:
        return False
    manager = type_of(group.text("managedBy"))
    if not manager:
        raise group.unreadable("managedBy", "not an id")
    return fold(manager) == _AKS


def unless_node(verdict: Verdict, machine: View, ctx: Context, of_node: Verdict) -> Verdict:
    """Return `of_node` if the machine is a node of AKS and its verdict is not a pass. Otherwise, return the verdict
    unchanged.

    The control must name MANAGED_RESOURCE_GROUPS in `needs`. Raise CollectionUnavailable or Unreadable if needed data
    could not be read.
    """
    if verdict.outcome is Outcome.PASS or not belongs_to_aks(machine, ctx):
        return verdict
    return of_node


def cluster_of(resource: View, ctx: Context) -> dict[str, Any]:
    """Return {"managedBy": id of the AKS cluster} if an AKS cluster manages the resource. Rules add the result to the
    observed values, from which the fix reads the id. Return {} if no AKS cluster manages the resource, or if Surety
    cannot tell.
    """
    try:
        group = managed_group(resource, ctx) if belongs_to_aks(resource, ctx) else None
    except (CollectionUnavailable, Unreadable):
        group = None
    return {} if group is None else {"managedBy": group.raw("managedBy")}
