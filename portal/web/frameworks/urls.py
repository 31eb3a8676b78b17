"""The addresses of frameworks, of the catalogue and of a customer."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import _page, _under
from portal.web.frameworks import views
from portal.web.shared.recorded import recorded

urlpatterns = [
    *_under(
        navigation.CONTROLS,
        _page("frameworks/", views.catalogue_frameworks, "frameworks"),
        _page("frameworks/<str:key>/", views.catalogue_framework, "framework"),
        _page("frameworks/<str:key>/numbers.csv", views.catalogue_csv, "framework-csv"),
        _page("frameworks/<str:key>/numbers.xlsx", views.catalogue_xlsx, "framework-xlsx"),
    ),
    *_under(
        navigation.FRAMEWORKS,
        _page("t/<slug:slug>/frameworks/", views.frameworks, "tenant-frameworks"),
        _page("t/<slug:slug>/frameworks/<str:key>/", views.tenant_framework, "tenant-framework"),
        _page(
            "t/<slug:slug>/frameworks/<str:key>/numbers.csv",
            recorded(views.tenant_csv),
            "tenant-framework-csv",
        ),
        _page(
            "t/<slug:slug>/frameworks/<str:key>/numbers.xlsx",
            recorded(views.tenant_xlsx),
            "tenant-framework-xlsx",
        ),
    ),
]
