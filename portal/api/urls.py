"""The addresses of the API. The version is part of each address."""

from __future__ import annotations

from django.urls import path, re_path

from portal.api.contract_file import contract
from portal.api.problems import not_found
from portal.api.v1 import assessments, controls, customers, findings, reports

urlpatterns = [
    path("v1/openapi.json", contract, name="api-contract"),
    path("v1/token", customers.MeView.as_view(), name="api-token"),
    path("v1/controls", controls.ControlsView.as_view(), name="api-controls"),
    path("v1/controls/<slug:control>", controls.ControlView.as_view(), name="api-control"),
    path("v1/customers", customers.CustomersView.as_view(), name="api-customers"),
    path("v1/customers/<slug:customer>", customers.CustomerView.as_view(), name="api-customer"),
    path("v1/customers/<slug:customer>/findings", findings.FindingsView.as_view(), name="api-findings"),
    path(
        "v1/customers/<slug:customer>/findings/<uuid:pk>", findings.FindingView.as_view(), name="api-finding"
    ),
    path(
        "v1/customers/<slug:customer>/assessments",
        assessments.AssessmentsView.as_view(),
        name="api-assessments",
    ),
    path(
        "v1/customers/<slug:customer>/assessments/<int:number>",
        assessments.AssessmentView.as_view(),
        name="api-assessment",
    ),
    path(
        "v1/customers/<slug:customer>/assessments/<int:number>/cancel",
        assessments.CancelView.as_view(),
        name="api-assessment-cancel",
    ),
    path("v1/customers/<slug:customer>/reports", reports.ReportsView.as_view(), name="api-reports"),
    path(
        "v1/customers/<slug:customer>/reports/<int:number>", reports.ReportView.as_view(), name="api-report"
    ),
    path(
        "v1/customers/<slug:customer>/reports/<int:number>/file",
        reports.ReportFileView.as_view(),
        name="api-report-file",
    ),
    re_path(r"^[\s\S]*$", not_found, name="api-nothing"),
]
