"""The URLs of the framework pages, for the catalogue and for a customer."""

from __future__ import annotations

from portal.web.frame import navigation
from portal.web.frame.addresses import page, under
from portal.web.frameworks import views
from portal.web.shared.recorded_downloads import recorded

urlpatterns = [
    *under(
        navigation.CONTROLS,
        page("frameworks/", views.catalogue_frameworks, "frameworks"),
        page("frameworks/<str:key>/", views.catalogue_framework, "framework"),
        page("frameworks/<str:key>/numbers.csv", views.catalogue_csv, "framework-csv"),
        page("frameworks/<str:key>/numbers.xlsx", views.catalogue_xlsx, "framework-xlsx"),
    ),
    *under(
        navigation.FRAMEWORKS,
        page("t/<slug:slug>/frameworks/", views.frameworks, "tenant-frameworks"),
        page("t/<slug:slug>/frameworks/<str:key>/", views.tenant_framework, "tenant-framework"),
        page(
            "t/<slug:slug>/frameworks/<str:key>/numbers.csv",
            recorded(views.tenant_csv),
            "tenant-framework-csv",
        ),
        page(
            "t/<slug:slug>/frameworks/<str:key>/numbers.xlsx",
            recorded(views.tenant_xlsx),
            "tenant-framework-xlsx",
        ),
    ),
]
