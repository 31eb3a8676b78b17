"""The URLs of the portfolio and of its saved lists."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import form, page, under
from portal.web.portfolio import views
from portal.web.shared import list_views

urlpatterns = [
    *under(
        navigation.PORTFOLIO,
        page("", views.portfolio, "portfolio"),
        form("start/", views.start_selected, "portfolio-start"),
        form("organizations/<slug:slug>/views/", list_views.save, "list-view-save"),
        form("organizations/<slug:slug>/views/<uuid:pk>/delete/", list_views.delete, "list-view-delete"),
    ),
]
