"""Find the regions that have AKS clusters. Surety reads which versions of Kubernetes these regions offer. Pure
functions.
"""

from __future__ import annotations

from collections.abc import Iterable

from assessments.estate.estate import Estate
from assessments.estate.ids import subscription_of
from assessments.estate.view import View


def region_of(cluster: View) -> str:
    """Return the scope at which Azure lists the Kubernetes versions of the cluster's region. Return an empty string if
    the cluster has no region, or if its id names no subscription.
    """
    if not cluster.location or not subscription_of(cluster.id):
        return ""
    subscription = subscription_of(cluster.id)
    return f"/subscriptions/{subscription}/providers/Microsoft.ContainerService/locations/{cluster.location}"


def regions(estate: Estate) -> Iterable[str]:
    """Return the scopes of all regions that have AKS clusters, sorted."""
    found = {region_of(cluster) for cluster in estate.documents("aks_clusters")}
    return sorted(found - {""})
