"""The addresses of a customer's changes."""

from __future__ import annotations

from portal.web.changes import review, views
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _page, _under
from portal.web.shared.recorded import recorded

urlpatterns = [
    *_under(
        navigation.CHANGES,
        _page("t/<slug:slug>/resource-changes/", views.changes, "resource-changes"),
        _page("t/<slug:slug>/resource-changes/export.csv", recorded(views.as_csv), "resource-changes-csv"),
        _form("t/<slug:slug>/resource-changes/review/", review.review, "resource-changes-review"),
        _page("t/<slug:slug>/resource-changes/<uuid:pk>/", views.change, "resource-change"),
    ),
]
