"""The addresses of baselines."""

from __future__ import annotations

from portal.web.baselines import profile, rules, views, watch_rules
from portal.web.frame import navigation
from portal.web.frame.addresses import _guarded, _page, _under

urlpatterns = [
    *_under(
        navigation.BASELINES,
        _page("organizations/<slug:slug>/baselines/", views.baseline_list, "baselines"),
        _guarded("organizations/<slug:slug>/baselines/add/", views.add, "baseline-add"),
        _guarded("organizations/<slug:slug>/baselines/apply/", views.apply, "baselines-apply"),
        _guarded("organizations/<slug:slug>/baselines/<uuid:pk>/", views.baseline, "baseline"),
        _guarded("organizations/<slug:slug>/baselines/<uuid:pk>/delete/", views.delete, "baseline-delete"),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/controls/<slug:control>/",
            views.parameter,
            "baseline-parameter",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/profile/",
            profile.profile,
            "baseline-profile",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/rules/add/",
            rules.rule,
            "baseline-rule-add",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/rules/<int:number>/",
            rules.rule,
            "baseline-rule",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/watch-rules/add/",
            watch_rules.watch_rule,
            "baseline-watch-rule-add",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/watch-rules/shipped/",
            watch_rules.shipped,
            "baseline-watch-rule-shipped",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/watch-rules/<int:number>/",
            watch_rules.watch_rule,
            "baseline-watch-rule",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/channels/add/",
            rules.channel,
            "baseline-channel-add",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/channels/<uuid:channel_pk>/",
            rules.channel,
            "baseline-channel",
        ),
    ),
]
