"""Include subscriptions of a customer in the customer's assessments, or exclude them with a reason."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.queries.subscriptions import (
    SubscriptionFilter,
    group_choices,
    listed_subscriptions,
    tag_choices,
)
from portal.web.settings.subscription_choices import subscription_choices
from tenants import access
from tenants.roles import Capability


@require_http_methods(["GET", "HEAD", "POST"])
def subscriptions(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change which subscriptions are assessed."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    rows = list(listed_subscriptions(tenant))
    chosen = SubscriptionFilter(request.GET.get("group", ""), request.GET.get("tag", ""))
    # The form contains only the shown subscriptions, so the choices of all other subscriptions do not change.
    found = subscription_choices(request, tenant, filter(chosen.matches, rows))
    if found.is_saved:
        messages.success(
            request, "Subscriptions saved. The next assessment covers the included subscriptions."
        )
        return redirect("tenant-settings", slug)
    context = {
        "tenant": tenant,
        "entries": found.entries,
        "start": found.start,
        "others": found.others,
        "chosen": chosen,
        "rule_query": urlencode({"management_group": chosen.group, "tag": chosen.tag}),
        "groups": group_choices(rows),
        "tags": tag_choices(rows),
    }
    return render(request, "settings/subscriptions.html", context, status=found.status)
