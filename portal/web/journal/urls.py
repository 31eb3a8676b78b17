"""The addresses of the journals of a customer and of an organization."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import _page, _under
from portal.web.journal import views

urlpatterns = [
    *_under(
        navigation.JOURNAL,
        _page("t/<slug:slug>/journal/", views.journal, "journal"),
        _page("t/<slug:slug>/journal/verify/", views.verify, "journal-verify"),
        _page("t/<slug:slug>/journal/journal.csv", views.as_csv, "journal-csv"),
        _page("t/<slug:slug>/journal/chain.jsonl", views.as_json_lines, "journal-chain"),
        _page("t/<slug:slug>/journal/<int:sequence>/", views.entry, "journal-entry"),
    ),
    *_under(
        navigation.ORGANIZATION_JOURNAL,
        _page(
            "organizations/<slug:slug>/settings/journal/",
            views.organization_journal,
            "organization-journal",
        ),
        _page(
            "organizations/<slug:slug>/settings/journal/verify/",
            views.organization_verify,
            "organization-journal-verify",
        ),
        _page(
            "organizations/<slug:slug>/settings/journal/journal.csv",
            views.organization_csv,
            "organization-journal-csv",
        ),
        _page(
            "organizations/<slug:slug>/settings/journal/chain.jsonl",
            views.organization_json_lines,
            "organization-journal-chain",
        ),
        _page(
            "organizations/<slug:slug>/settings/journal/<int:sequence>/",
            views.organization_entry,
            "organization-journal-entry",
        ),
    ),
]
