"""The URLs of a customer's changes."""

from __future__ import annotations

from portal.web.changes import review, views
from portal.web.frame import navigation
from portal.web.frame.addresses import form, page, under
from portal.web.shared.recorded_downloads import recorded

urlpatterns = [
    *under(
        navigation.CHANGES,
        page("t/<slug:slug>/resource-changes/", views.changes, "resource-changes"),
        page("t/<slug:slug>/resource-changes/export.csv", recorded(views.as_csv), "resource-changes-csv"),
        form("t/<slug:slug>/resource-changes/review/", review.review, "resource-changes-review"),
        page("t/<slug:slug>/resource-changes/<uuid:pk>/", views.change, "resource-change"),
    ),
]
