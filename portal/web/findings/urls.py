"""The addresses of a customer's findings."""

from __future__ import annotations

from portal.web.findings.views import bulk, export, findings, past, saved_views
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _page, _under
from portal.web.shared.recorded import recorded

urlpatterns = [
    *_under(
        navigation.FINDINGS,
        _page("t/<slug:slug>/findings/", findings.findings, "findings"),
        _page("t/<slug:slug>/findings/of/<slug:control>/", findings.group, "findings-group"),
        _page("t/<slug:slug>/findings/groups/", findings.groups, "findings-groups"),
        _page("t/<slug:slug>/findings/tags/", findings.tags, "findings-tags"),
        _page("t/<slug:slug>/findings/facets/", findings.later_facets, "findings-facets"),
        _page("t/<slug:slug>/findings/export.csv", export.as_csv, "findings-csv"),
        _page("t/<slug:slug>/findings/export.xlsx", export.as_xlsx, "findings-xlsx"),
        _page("t/<slug:slug>/findings/export.json", export.as_json, "findings-json"),
        _page("t/<slug:slug>/findings/export.ocsf.json", export.as_ocsf, "findings-ocsf"),
        _page("t/<slug:slug>/findings/export.oscal.json", export.as_oscal, "findings-oscal"),
        _page("t/<slug:slug>/findings/past/", past.past, "findings-past"),
        _page("t/<slug:slug>/findings/past/export.csv", recorded(past.past_csv), "findings-past-csv"),
        _form("t/<slug:slug>/findings/bulk/", bulk.bulk, "findings-bulk"),
        _form("t/<slug:slug>/findings/views/", saved_views.save, "findings-view-save"),
        _form("t/<slug:slug>/findings/views/<uuid:pk>/", saved_views.change, "findings-view-change"),
        _form("t/<slug:slug>/findings/views/<uuid:pk>/delete/", saved_views.delete, "findings-view-delete"),
    ),
]
