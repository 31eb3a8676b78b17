"""The addresses of notices, email preferences, channels and failed deliveries."""

from __future__ import annotations

from portal.accounts.step_up import step_up_to_change
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _guarded, _page, _public, _under
from portal.web.notifications.views import channels, deliveries, notices, unsubscribe

urlpatterns = [
    *_under(
        navigation.EMAIL_NOTIFICATIONS,
        _form("notices/preferences/", step_up_to_change(notices.preferences), "preferences"),
        _form("notices/preferences/links/", notices.links, "preferences-links"),
    ),
    *_under(
        navigation.CHANNELS,
        _page("t/<slug:slug>/settings/channels/", channels.channels, "channels"),
        _guarded("t/<slug:slug>/settings/channels/add/", channels.add, "channel-add"),
        # The form changes the address of a channel, and thereby who receives the customer's events.
        _form("t/<slug:slug>/settings/channels/<uuid:pk>/", step_up_to_change(channels.channel), "channel"),
        _form("t/<slug:slug>/settings/channels/<uuid:pk>/test/", channels.test, "channel-test"),
        _guarded("t/<slug:slug>/settings/channels/<uuid:pk>/switch/", channels.switch, "channel-switch"),
        _guarded("t/<slug:slug>/settings/channels/<uuid:pk>/secret/", channels.secret, "channel-secret"),
        _guarded("t/<slug:slug>/settings/channels/<uuid:pk>/delete/", channels.delete, "channel-delete"),
        _page("t/<slug:slug>/settings/deliveries/", deliveries.dead_letters, "dead-letters"),
        _form("t/<slug:slug>/settings/deliveries/posts/<uuid:pk>/retry/", deliveries.retry, "post-retry"),
        _guarded("t/<slug:slug>/settings/deliveries/posts/<uuid:pk>/drop/", deliveries.drop, "post-drop"),
        _form("t/<slug:slug>/settings/deliveries/mails/<uuid:pk>/retry/", deliveries.mail, "mail-retry"),
        _guarded(
            "t/<slug:slug>/settings/deliveries/mails/<uuid:pk>/drop/", deliveries.drop_a_mail, "mail-drop"
        ),
    ),
    # Addresses without an entry in the navigation.
    _page("notices/", notices.notices, "notices"),
    _form("notices/read/", notices.read, "notice-read"),
    _public("unsubscribe/<str:token>/", unsubscribe.unsubscribe, "unsubscribe"),
]
