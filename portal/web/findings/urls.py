"""The URLs of a customer's findings."""

from __future__ import annotations

from portal.web.findings.views import bulk, export, findings, past, saved_views
from portal.web.frame import navigation
from portal.web.frame.addresses import form, page, under
from portal.web.shared.recorded_downloads import recorded

urlpatterns = [
    *under(
        navigation.FINDINGS,
        page("t/<slug:slug>/findings/", findings.findings, "findings"),
        page("t/<slug:slug>/findings/of/<slug:control>/", findings.group, "findings-group"),
        page("t/<slug:slug>/findings/groups/", findings.groups, "findings-groups"),
        page("t/<slug:slug>/findings/tags/", findings.tags, "findings-tags"),
        page("t/<slug:slug>/findings/facets/", findings.later_facets, "findings-facets"),
        page("t/<slug:slug>/findings/export.csv", recorded(export.as_csv), "findings-csv"),
        page("t/<slug:slug>/findings/export.xlsx", recorded(export.as_xlsx), "findings-xlsx"),
        page("t/<slug:slug>/findings/export.json", recorded(export.as_json), "findings-json"),
        page("t/<slug:slug>/findings/export.ocsf.json", recorded(export.as_ocsf), "findings-ocsf"),
        page("t/<slug:slug>/findings/export.oscal.json", recorded(export.as_oscal), "findings-oscal"),
        page("t/<slug:slug>/findings/past/", past.past, "findings-past"),
        page("t/<slug:slug>/findings/past/export.csv", recorded(past.past_csv), "findings-past-csv"),
        form("t/<slug:slug>/findings/bulk/", bulk.bulk, "findings-bulk"),
        form("t/<slug:slug>/findings/views/", saved_views.save, "findings-view-save"),
        form("t/<slug:slug>/findings/views/<uuid:pk>/", saved_views.change, "findings-view-change"),
        form("t/<slug:slug>/findings/views/<uuid:pk>/delete/", saved_views.delete, "findings-view-delete"),
    ),
]
