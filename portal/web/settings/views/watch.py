"""Serve the page about the watch. Between assessments, the watch reads activity logs and audit logs.

The page shows whether the watch runs, what the watch read last, and how many requests it sent.
"""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessments import selectors
from assessments.actions.watch.settings import VALUES, WORDS, set_watch
from assessments.actions.watch.turns import RESOURCES_UNREAD, interval
from assessments.models import Assessment
from assessments.timing.watching import WatchedUnit, WatchSetting, watch_setting, watched_units
from portal.web.shared.visible import person
from tenants import access
from tenants.roles import Capability

MAX_RESULTS: Final = 20


class WatchForm(forms.Form):
    """A form that chooses whether the customer is watched: “default”, “on” or “off”."""

    choice = forms.ChoiceField(label="Watch between assessments", widget=forms.RadioSelect)

    def __init__(self, data: QueryDict | None, *, setting: WatchSetting) -> None:
        super().__init__(data, initial={"choice": WORDS[setting.own]})
        default = "on" if setting.default else "off"
        self.fields["choice"].choices = [  # type: ignore[attr-defined]
            ("default", f"Organization default ({default})"),
            ("on", "On"),
            ("off", "Off"),
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def watch(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the watch of each subscription and directory. POST saves whether the customer is watched."""
    tenant = access.tenant(slug, needs=Capability.ASSESS)
    setting = watch_setting(tenant)
    form = WatchForm(request.POST if request.method == "POST" else None, setting=setting)
    if request.method == "POST" and form.is_valid():
        set_watch(tenant=tenant, by=person(), wanted=VALUES[form.cleaned_data["choice"]])
        messages.success(request, "Watch saved. The change takes effect within a minute.")
        return redirect("watch", slug=slug)
    now = timezone.now()
    found = selectors.assessments(tenant).filter(trigger__in=Assessment.BY_WATCH)
    context = {
        "tenant": tenant,
        "form": form,
        "setting": setting,
        "minutes": int(interval().total_seconds() // 60),
        "rows": [
            (row, _state(row, setting), row.requests_in_last_day(now), round(row.requests_per_hour(now), 1))
            for row in watched_units(tenant)
        ],
        "results": list(found.defer("parameters")[:MAX_RESULTS]),
    }
    return render(request, "settings/watch.html", context, status=400 if form.is_bound else 200)


def _state(row: WatchedUnit, setting: WatchSetting) -> str:
    """Return a text that says why the watch has not started, or why it may have missed changes.

    If no such reason is known, return an empty text.
    """
    found = row.watch
    if found is None or found.tried_at is None:
        return (
            f"Not watched yet. The watch needs a finished assessment of the {_word(row)}."
            if setting.is_on
            else ""
        )
    if found.wants_full:
        return (
            "The watch could not judge the last changes, for example because there were too many. So Surety starts an"
            " assessment of this subscription, at most once an hour."
        )
    if not found.code:
        return ""
    if found.code == RESOURCES_UNREAD:
        return found.message
    log = "audit" if row.is_directory else "activity"
    text = f"The {log} log could not be read: {found.message}"
    is_named = not found.permission or found.permission in text
    return text if is_named else f"{text} Missing permission: {found.permission}."


def _word(row: WatchedUnit) -> str:
    return "directory" if row.is_directory else "subscription"
