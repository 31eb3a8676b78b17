"""The URLs of baselines."""

from __future__ import annotations

from portal.web.baselines import profile, rules, views, watch_rules
from portal.web.frame import navigation
from portal.web.frame.addresses import guarded, page, under

urlpatterns = [
    *under(
        navigation.BASELINES,
        page("organizations/<slug:slug>/baselines/", views.baseline_list, "baselines"),
        guarded("organizations/<slug:slug>/baselines/add/", views.add, "baseline-add"),
        guarded("organizations/<slug:slug>/baselines/apply/", views.apply, "baselines-apply"),
        guarded("organizations/<slug:slug>/baselines/<uuid:pk>/", views.baseline, "baseline"),
        guarded("organizations/<slug:slug>/baselines/<uuid:pk>/delete/", views.delete, "baseline-delete"),
        guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/controls/<slug:control>/",
            views.parameter,
            "baseline-parameter",
        ),
        guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/profile/",
            profile.profile,
            "baseline-profile",
        ),
        guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/rules/add/",
            rules.rule,
            "baseline-rule-add",
        ),
        guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/rules/<int:number>/",
            rules.rule,
            "baseline-rule",
        ),
        guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/watch-rules/add/",
            watch_rules.watch_rule,
            "baseline-watch-rule-add",
        ),
        guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/watch-rules/shipped/",
            watch_rules.shipped,
            "baseline-watch-rule-shipped",
        ),
        guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/watch-rules/<int:number>/",
            watch_rules.watch_rule,
            "baseline-watch-rule",
        ),
        guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/channels/add/",
            rules.channel,
            "baseline-channel-add",
        ),
        guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/channels/<uuid:channel_pk>/",
            rules.channel,
            "baseline-channel",
        ),
    ),
]
