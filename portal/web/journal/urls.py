"""The URLs of the journals of a customer and of an organization."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import page, under
from portal.web.journal import views
from portal.web.shared.recorded_downloads import recorded, recorded_in_organization

urlpatterns = [
    *under(
        navigation.JOURNAL,
        page("t/<slug:slug>/journal/", views.journal, "journal"),
        page("t/<slug:slug>/journal/verify/", views.verify, "journal-verify"),
        page("t/<slug:slug>/journal/journal.csv", recorded(views.as_csv), "journal-csv"),
        page("t/<slug:slug>/journal/chain.jsonl", recorded(views.as_json_lines), "journal-chain"),
        page("t/<slug:slug>/journal/<int:sequence>/", views.entry, "journal-entry"),
    ),
    *under(
        navigation.ORGANIZATION_JOURNAL,
        page(
            "organizations/<slug:slug>/settings/journal/",
            views.organization_journal,
            "organization-journal",
        ),
        page(
            "organizations/<slug:slug>/settings/journal/verify/",
            views.organization_verify,
            "organization-journal-verify",
        ),
        page(
            "organizations/<slug:slug>/settings/journal/journal.csv",
            recorded_in_organization(views.organization_csv),
            "organization-journal-csv",
        ),
        page(
            "organizations/<slug:slug>/settings/journal/chain.jsonl",
            recorded_in_organization(views.organization_json_lines),
            "organization-journal-chain",
        ),
        page(
            "organizations/<slug:slug>/settings/journal/<int:sequence>/",
            views.organization_entry,
            "organization-journal-entry",
        ),
    ),
]
