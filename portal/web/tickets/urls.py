"""The URLs of the pages about ticket systems, rules and failed tickets."""

from __future__ import annotations

from portal.accounts.sign_in.step_up import step_up_to_change
from portal.web.frame import navigation
from portal.web.frame.addresses import form, guarded, page, under
from portal.web.tickets import rule_views, system_views, views

_AT = "organizations/<slug:slug>/settings/tickets/"

urlpatterns = [
    *under(
        navigation.TICKETS,
        page(_AT, views.tickets, "tickets"),
        guarded(f"{_AT}systems/add/<slug:kind>/", system_views.add, "ticket-system-add"),
        form(f"{_AT}systems/<uuid:pk>/", step_up_to_change(system_views.system), "ticket-system"),
        form(f"{_AT}systems/<uuid:pk>/test/", system_views.test, "ticket-system-test"),
        guarded(f"{_AT}systems/<uuid:pk>/switch/", system_views.switch, "ticket-system-switch"),
        guarded(f"{_AT}systems/<uuid:pk>/delete/", system_views.delete, "ticket-system-delete"),
        form(
            f"{_AT}systems/<uuid:pk>/customers/",
            step_up_to_change(system_views.customers),
            "ticket-customers",
        ),
        form(f"{_AT}rules/add/", step_up_to_change(rule_views.add), "ticket-rule-add"),
        form(f"{_AT}rules/<uuid:pk>/", step_up_to_change(rule_views.edit), "ticket-rule"),
        guarded(f"{_AT}rules/<uuid:pk>/delete/", rule_views.delete, "ticket-rule-delete"),
        form(f"{_AT}failed/<uuid:pk>/retry/", views.retry, "ticket-retry"),
        guarded(f"{_AT}failed/<uuid:pk>/drop/", views.drop, "ticket-drop"),
    ),
]
