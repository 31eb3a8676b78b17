"""The URLs of a customer's settings and of the registration."""

from __future__ import annotations

from portal.accounts.sign_in.step_up import step_up_except_previews, step_up_to_change
from portal.web.frame import navigation
from portal.web.frame.addresses import form, guarded, page, under
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
    *under(
        navigation.SETTINGS,
        page("t/<slug:slug>/settings/", settings.settings, "tenant-settings"),
        form(
            "t/<slug:slug>/settings/subscriptions/",
            step_up_to_change(subscriptions.subscriptions),
            "subscriptions",
        ),
        guarded("t/<slug:slug>/settings/service-principals/add/", settings.add, "service-principal-add"),
        form(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/preflight/", preflight.preflight, "preflight"
        ),
        guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/",
            service_principal.service_principal,
            "service-principal",
        ),
        guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/check/",
            service_principal.check,
            "service-principal-check",
        ),
        guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/switch/",
            service_principal.switch,
            "service-principal-switch",
        ),
        guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/remove/",
            service_principal.remove,
            "service-principal-remove",
        ),
        page("t/<slug:slug>/registration/", registration.resume, "registration"),
        form("t/<slug:slug>/registration/permissions/", registration.permissions, "registration-permissions"),
        guarded("t/<slug:slug>/registration/credential/", registration.credential, "registration-credential"),
        form("t/<slug:slug>/registration/check/", registration.check, "registration-check"),
        form(
            "t/<slug:slug>/registration/subscriptions/",
            step_up_to_change(registration.subscriptions),
            "registration-subscriptions",
        ),
        form(
            "t/<slug:slug>/registration/schedule/",
            step_up_to_change(registration.schedule),
            "registration-schedule",
        ),
        form("t/<slug:slug>/registration/assessment/", registration.assessment, "registration-assessment"),
        form("t/<slug:slug>/registration/end/", registration.end, "registration-end"),
    ),
    *under(
        navigation.POLICY,
        form("t/<slug:slug>/settings/policy/", step_up_except_previews(policy.policy), "policy"),
    ),
    *under(
        navigation.SCHEDULE,
        form("t/<slug:slug>/settings/schedule/", step_up_to_change(schedule.schedule), "schedule"),
    ),
    *under(
        navigation.WATCH,
        form("t/<slug:slug>/settings/watch/", step_up_to_change(watch.watch), "watch"),
    ),
    *under(
        navigation.WATCH_RULES,
        page("t/<slug:slug>/settings/watch-rules/", watch_rules.rules, "watch-rules"),
        form("t/<slug:slug>/settings/watch-rules/add/", step_up_to_change(watch_rules.add), "watch-rule-add"),
        guarded("t/<slug:slug>/settings/watch-rules/shipped/", watch_rules.shipped, "watch-rule-shipped"),
        form(
            "t/<slug:slug>/settings/watch-rules/<uuid:pk>/", step_up_to_change(watch_rules.edit), "watch-rule"
        ),
        guarded(
            "t/<slug:slug>/settings/watch-rules/<uuid:pk>/delete/", watch_rules.delete, "watch-rule-delete"
        ),
    ),
    *under(
        navigation.PLANNED_CHANGES,
        form(
            "t/<slug:slug>/settings/planned-changes/",
            step_up_to_change(planned_changes.plans),
            "planned-changes",
        ),
        guarded(
            "t/<slug:slug>/settings/planned-changes/<uuid:pk>/cancel/",
            planned_changes.cancel,
            "planned-change-cancel",
        ),
    ),
    *under(
        navigation.LEAVING,
        form("t/<slug:slug>/settings/leaving/", step_up_to_change(leaving.leaving), "leaving"),
        guarded("t/<slug:slug>/settings/leaving/export/<uuid:pk>/", leaving.download, "customer-export"),
    ),
    *under(
        navigation.RETENTION,
        form("t/<slug:slug>/settings/retention/", step_up_to_change(retention.retention), "retention"),
    ),
    *under(
        navigation.PARAMETERS,
        page("t/<slug:slug>/settings/controls/", parameters.parameters, "parameters"),
        guarded("t/<slug:slug>/settings/controls/<slug:control>/", parameters.parameter, "parameter"),
    ),
    *under(
        navigation.CONTROL_PROFILE,
        form("t/<slug:slug>/settings/profile/", step_up_to_change(profile.profile), "profile"),
        guarded("t/<slug:slug>/settings/profile/severity/", profile.severity, "profile-severity"),
        guarded("t/<slug:slug>/settings/profile/off/", profile.control_off, "profile-control-off"),
        guarded(
            "t/<slug:slug>/settings/profile/<slug:control>/on/", profile.control_on, "profile-control-on"
        ),
    ),
    *under(
        navigation.OWNER_RULES,
        page("t/<slug:slug>/settings/owner-rules/", owner_rules.rules, "owner-rules"),
        form("t/<slug:slug>/settings/owner-rules/add/", step_up_to_change(owner_rules.add), "owner-rule-add"),
        guarded("t/<slug:slug>/settings/owner-rules/apply/", owner_rules.apply, "owner-rules-apply"),
        form(
            "t/<slug:slug>/settings/owner-rules/<uuid:pk>/", step_up_to_change(owner_rules.edit), "owner-rule"
        ),
        form(
            "t/<slug:slug>/settings/owner-rules/<uuid:pk>/delete/",
            step_up_to_change(owner_rules.delete),
            "owner-rule-delete",
        ),
        guarded("t/<slug:slug>/settings/owner-rules/<uuid:pk>/move/", owner_rules.move, "owner-rule-move"),
        guarded(
            "t/<slug:slug>/settings/owner-rules/<uuid:pk>/switch/", owner_rules.switch, "owner-rule-switch"
        ),
    ),
    *under(
        navigation.EXCLUSION_RULES,
        page("t/<slug:slug>/settings/exclusion-rules/", exclusion_rules.rules, "exclusion-rules"),
        form(
            "t/<slug:slug>/settings/exclusion-rules/add/",
            step_up_to_change(exclusion_rules.add),
            "exclusion-rule-add",
        ),
        form(
            "t/<slug:slug>/settings/exclusion-rules/<uuid:pk>/",
            step_up_to_change(exclusion_rules.edit),
            "exclusion-rule",
        ),
        form(
            "t/<slug:slug>/settings/exclusion-rules/<uuid:pk>/remove/",
            step_up_to_change(exclusion_rules.remove),
            "exclusion-rule-remove",
        ),
    ),
    *under(
        navigation.REGISTER_CUSTOMER,
        form(
            "organizations/<slug:slug>/customers/register/",
            step_up_to_change(registration.register),
            "customer-register",
        ),
    ),
]
