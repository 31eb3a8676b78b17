"""The addresses of a customer's settings and of the registration."""

from __future__ import annotations

from portal.accounts.step_up import step_up_except_previews, step_up_to_change
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _guarded, _page, _under
from portal.web.settings.views import (
    exclusion_rules,
    leaving,
    owner_rules,
    parameters,
    planned_changes,
    policy,
    preflight,
    profile,
    registration,
    retention,
    schedule,
    service_principal,
    settings,
    subscriptions,
    watch,
    watch_rules,
)

urlpatterns = [
    *_under(
        navigation.SETTINGS,
        _page("t/<slug:slug>/settings/", settings.settings, "tenant-settings"),
        _form(
            "t/<slug:slug>/settings/subscriptions/",
            step_up_to_change(subscriptions.subscriptions),
            "subscriptions",
        ),
        _guarded("t/<slug:slug>/settings/service-principals/add/", settings.add, "service-principal-add"),
        _form(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/preflight/", preflight.preflight, "preflight"
        ),
        _guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/",
            service_principal.service_principal,
            "service-principal",
        ),
        _guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/check/",
            service_principal.check,
            "service-principal-check",
        ),
        _guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/switch/",
            service_principal.switch,
            "service-principal-switch",
        ),
        _guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/remove/",
            service_principal.remove,
            "service-principal-remove",
        ),
        _page("t/<slug:slug>/registration/", registration.resume, "registration"),
        _form(
            "t/<slug:slug>/registration/permissions/", registration.permissions, "registration-permissions"
        ),
        _guarded(
            "t/<slug:slug>/registration/credential/", registration.credential, "registration-credential"
        ),
        _form("t/<slug:slug>/registration/check/", registration.check, "registration-check"),
        _form(
            "t/<slug:slug>/registration/subscriptions/",
            step_up_to_change(registration.subscriptions),
            "registration-subscriptions",
        ),
        _form(
            "t/<slug:slug>/registration/schedule/",
            step_up_to_change(registration.schedule),
            "registration-schedule",
        ),
        _form("t/<slug:slug>/registration/assessment/", registration.assessment, "registration-assessment"),
        _form("t/<slug:slug>/registration/end/", registration.end, "registration-end"),
    ),
    *_under(
        navigation.POLICY,
        _form("t/<slug:slug>/settings/policy/", step_up_except_previews(policy.policy), "policy"),
    ),
    *_under(
        navigation.SCHEDULE,
        _form("t/<slug:slug>/settings/schedule/", step_up_to_change(schedule.schedule), "schedule"),
    ),
    *_under(
        navigation.WATCH,
        _form("t/<slug:slug>/settings/watch/", step_up_to_change(watch.watch), "watch"),
    ),
    *_under(
        navigation.WATCH_RULES,
        _page("t/<slug:slug>/settings/watch-rules/", watch_rules.rules, "watch-rules"),
        _form(
            "t/<slug:slug>/settings/watch-rules/add/", step_up_to_change(watch_rules.add), "watch-rule-add"
        ),
        _guarded("t/<slug:slug>/settings/watch-rules/shipped/", watch_rules.shipped, "watch-rule-shipped"),
        _form(
            "t/<slug:slug>/settings/watch-rules/<uuid:pk>/", step_up_to_change(watch_rules.edit), "watch-rule"
        ),
        _guarded(
            "t/<slug:slug>/settings/watch-rules/<uuid:pk>/delete/", watch_rules.delete, "watch-rule-delete"
        ),
    ),
    *_under(
        navigation.PLANNED_CHANGES,
        _form(
            "t/<slug:slug>/settings/planned-changes/",
            step_up_to_change(planned_changes.plans),
            "planned-changes",
        ),
        _guarded(
            "t/<slug:slug>/settings/planned-changes/<uuid:pk>/cancel/",
            planned_changes.cancel,
            "planned-change-cancel",
        ),
    ),
    *_under(
        navigation.LEAVING,
        _form("t/<slug:slug>/settings/leaving/", step_up_to_change(leaving.leaving), "leaving"),
        _guarded("t/<slug:slug>/settings/leaving/export/<uuid:pk>/", leaving.download, "customer-export"),
    ),
    *_under(
        navigation.RETENTION,
        _form("t/<slug:slug>/settings/retention/", step_up_to_change(retention.retention), "retention"),
    ),
    *_under(
        navigation.PARAMETERS,
        _page("t/<slug:slug>/settings/controls/", parameters.parameters, "parameters"),
        _guarded("t/<slug:slug>/settings/controls/<slug:control>/", parameters.parameter, "parameter"),
    ),
    *_under(
        navigation.CONTROL_PROFILE,
        _form("t/<slug:slug>/settings/profile/", step_up_to_change(profile.profile), "profile"),
        _guarded("t/<slug:slug>/settings/profile/severity/", profile.severity, "profile-severity"),
        _guarded("t/<slug:slug>/settings/profile/off/", profile.control_off, "profile-control-off"),
        _guarded(
            "t/<slug:slug>/settings/profile/<slug:control>/on/", profile.control_on, "profile-control-on"
        ),
    ),
    *_under(
        navigation.OWNER_RULES,
        _page("t/<slug:slug>/settings/owner-rules/", owner_rules.rules, "owner-rules"),
        _form(
            "t/<slug:slug>/settings/owner-rules/add/", step_up_to_change(owner_rules.add), "owner-rule-add"
        ),
        _guarded("t/<slug:slug>/settings/owner-rules/apply/", owner_rules.apply, "owner-rules-apply"),
        _form(
            "t/<slug:slug>/settings/owner-rules/<uuid:pk>/", step_up_to_change(owner_rules.edit), "owner-rule"
        ),
        _form(
            "t/<slug:slug>/settings/owner-rules/<uuid:pk>/delete/",
            step_up_to_change(owner_rules.delete),
            "owner-rule-delete",
        ),
        _guarded("t/<slug:slug>/settings/owner-rules/<uuid:pk>/move/", owner_rules.move, "owner-rule-move"),
        _guarded(
            "t/<slug:slug>/settings/owner-rules/<uuid:pk>/switch/", owner_rules.switch, "owner-rule-switch"
        ),
    ),
    *_under(
        navigation.EXCLUSION_RULES,
        _page("t/<slug:slug>/settings/exclusion-rules/", exclusion_rules.rules, "exclusion-rules"),
        _form(
            "t/<slug:slug>/settings/exclusion-rules/add/",
            step_up_to_change(exclusion_rules.add),
            "exclusion-rule-add",
        ),
        _form(
            "t/<slug:slug>/settings/exclusion-rules/<uuid:pk>/",
            step_up_to_change(exclusion_rules.edit),
            "exclusion-rule",
        ),
        _form(
            "t/<slug:slug>/settings/exclusion-rules/<uuid:pk>/remove/",
            step_up_to_change(exclusion_rules.remove),
            "exclusion-rule-remove",
        ),
    ),
    *_under(
        navigation.REGISTER_CUSTOMER,
        _form(
            "organizations/<slug:slug>/customers/register/",
            step_up_to_change(registration.register),
            "customer-register",
        ),
    ),
]
