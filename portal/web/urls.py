"""The addresses of the pages. Everything needs a signed-in person unless it is listed as public."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.urls import URLPattern, path

from portal.web import theme
from portal.web.views import (
    assessments,
    controls,
    finding,
    findings,
    palette,
    parameters,
    portfolio,
    preflight,
    reports,
    tenants,
    verify,
)
from portal.web.views import settings as tenant_settings


def _page(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    return path(route, login_required(view), name=name)


def _public(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    return path(route, view, name=name)


urlpatterns = [
    _page("", portfolio.portfolio, "portfolio"),
    _page("start/", portfolio.start_selected, "portfolio-start"),
    _page("palette/", palette.palette, "palette"),
    _page("controls/", controls.controls, "controls"),
    _page("controls/<slug:slug>/", controls.control, "control"),
    _page("t/<slug:slug>/", tenants.tenant, "tenant"),
    _page("t/<slug:slug>/findings/", findings.findings, "findings"),
    _page("t/<slug:slug>/findings/<uuid:pk>/", finding.finding, "finding"),
    _page("t/<slug:slug>/assessments/", assessments.assessments, "assessments"),
    _page("t/<slug:slug>/assessments/start/", assessments.start, "assessment-start"),
    _page("t/<slug:slug>/assessments/<uuid:pk>/", assessments.assessment, "assessment"),
    _page("t/<slug:slug>/assessments/<uuid:pk>/cancel/", assessments.cancel, "assessment-cancel"),
    _page("t/<slug:slug>/assessments/<uuid:pk>/retry/", assessments.retry, "assessment-retry"),
    _page("t/<slug:slug>/reports/", reports.reports, "reports"),
    _page("t/<slug:slug>/reports/build/", reports.build, "report-build"),
    _page("t/<slug:slug>/reports/<uuid:pk>/", reports.download, "report-download"),
    _page("t/<slug:slug>/settings/", tenant_settings.settings, "tenant-settings"),
    _page("t/<slug:slug>/settings/service-principals/add/", tenant_settings.add, "service-principal-add"),
    _page("t/<slug:slug>/settings/service-principals/<uuid:pk>/preflight/", preflight.preflight, "preflight"),
    _page("t/<slug:slug>/settings/controls/", parameters.parameters, "parameters"),
    _page("t/<slug:slug>/settings/controls/<slug:control>/", parameters.parameter, "parameter"),
    _public("verify/", verify.verify, "verify"),
    _public("theme/", theme.choose, "theme"),
]

if settings.DEBUG:
    from portal.web.views.gallery import gallery  # a page of components has no place in production

    urlpatterns.append(_public("_gallery/", gallery, "gallery"))
