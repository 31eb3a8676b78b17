"""Show the gallery: every component in every state, with invented data. Its URL exists only if DEBUG is set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from assessments.display.compared import compared
from assessments.display.names import Kind, Name, Names
from assessments.display.observed import describe
from assessments.display.text import Text
from portal.web.components.bars import group_bar
from portal.web.components.charts import Bars, Line
from portal.web.components.facets import facet
from portal.web.components.icons import ICONS
from portal.web.components.timeline import Entry
from portal.web.components.vocabulary import SEVERITIES, VOCABULARIES
from portal.web.frame.navigation_links import Link


class _Sample(forms.Form):
    name = forms.CharField(help_text="The customer’s name in your reports.")
    cloud = forms.ChoiceField(choices=[("public", "Azure public"), ("usgov", "Azure US Government")])
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    client_id = forms.UUIDField(
        label="Client ID", help_text="Entra admin center › Entra ID › App registrations › Overview."
    )
    agree = forms.BooleanField(label="Start the first assessment immediately", required=False)


_ANNA = Name(
    "a1111111-0000-0000-0000-000000000001",
    Kind.USER,
    display_name="Anna Berg",
    principal_name="anna@contoso.com",
)
_OBSERVED = {"supportsHttpsTrafficOnly": False, "lacking": [_ANNA.guid]}


_TENANTS = (
    ("Alder & Finch Clinics", 61.4, (38, 44, 47, 52, None, 55, 61.4), 4, 17, 9),
    ("Kestrel Marine Insurance", 88.2, (84, 85, 85, 86, 88, 88.2), 0, 6, 61),
    ("Northbeam Logistics", 97.6, (91, 93, 96, 97, 97.6), 0, 1, 212),
    ("Quarry Street Foods", None, (), 0, 0, 3),
)


def gallery(request: HttpRequest) -> HttpResponse:
    now = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    bound = _Sample(
        {"name": "Kestrel Marine Insurance", "client_id": "not-a-guid", "note": "", "cloud": "public"}
    )
    context = {
        "vocabularies": [(kind, list(marks)) for kind, marks in VOCABULARIES.items()],
        "icons": list(ICONS),
        "tenants": _TENANTS,
        "lines": [
            Line("Raw", "unknown", [(n / 10, 50.0 + n) for n in range(11)], dashed=True),
            Line("Adjusted", "accent", [(n / 10, None if n == 4 else 60.0 + 2 * n) for n in range(11)]),
        ],
        "bars": Bars("Opened", "Closed", [(n % 4, (n * 3) % 5) for n in range(31)]),
        "days": (now.date() - timedelta(days=30), now.date()),
        "facets": [
            facet(
                "Severity",
                "severity",
                {"critical": 4, "high": 17, "medium": 66, "low": 12},
                request.GET,
                kind="severity",
            ),
            facet(
                "Verdict",
                "verdict",
                {"fail": 99, "unknown": 8, "manual": 5, "pass": 411},
                request.GET,
                kind="verdict",
            ),
            facet(
                "Subscription", "subscription", {"prod-weu": 61, "prod-neu": 22, "sandbox": 16}, request.GET
            ),
        ],
        "severities": list(SEVERITIES),
        "group_bars": [
            group_bar(counts.items())
            for counts in (
                {"open": 12, "treated": 3, "unknown": 1, "manual": 2, "passing": 40},
                {"open": 1, "passing": 999},
                {"unknown": 7},
                {},
            )
        ],
        "parts": [("fail", 99), ("unknown", 8), ("manual", 5), ("pass", 411), ("not_applicable", 34)],
        "compared": compared(
            describe(_OBSERVED, Names([_ANNA])),
            _OBSERVED,
            Text("Every member can use MFA"),
            {"supportsHttpsTrafficOnly": (True,)},
            failed=True,
        ),
        "command": "az storage account update -g rg-prod-weu -n alderprodlogs --https-only true",
        "entries": [
            Entry(
                now,
                "fail",
                "fail",
                "Failed again",
                before="pass",
                after="fail",
                note="HTTPS required: yes → no",
            ),
            Entry(
                now - timedelta(days=3),
                "acknowledged",
                "warn",
                "Acknowledged",
                who="Mira Okafor",
                note="Fixed with the next release.",
            ),
            Entry(now - timedelta(days=21), "pass", "pass", "Resolved", before="fail", after="pass"),
            Entry(
                now - timedelta(days=40),
                "unknown",
                "unknown",
                "Could not be read",
                note="forbidden: Microsoft.Storage/storageAccounts/read",
            ),
        ],
        "page": Paginator(range(523), 50).get_page(3),
        "page_groups": [
            (
                "Access to Azure",
                [Link("Connection", "key", "#", True), Link("Exclusion rules", "resource", "#", False)],
            ),
            ("Assessment", [Link("Schedule", "clock", "#", False), Link("Watch", "clock", "#", False)]),
        ],
        "form": bound,
        "posted_form": _Sample(auto_id="posted_%s"),
        "pairs": {
            "Resource": "alderprodlogs",
            "Type": "Microsoft.Storage/storageAccounts",
            "Resource group": "rg-prod-weu",
            "Owner": None,
        },
    }
    return render(request, "gallery/gallery.html", context)
