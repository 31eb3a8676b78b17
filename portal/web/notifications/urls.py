"""The URLs of notices, email preferences, channels and failed deliveries."""

from __future__ import annotations

from portal.accounts.sign_in.step_up import step_up_to_change
from portal.web.frame import navigation
from portal.web.frame.addresses import form, guarded, page, public, under
from portal.web.notifications.views import channels, deliveries, notices, unsubscribe

urlpatterns = [
    *under(
        navigation.EMAIL_NOTIFICATIONS,
        form("notices/preferences/", step_up_to_change(notices.preferences), "preferences"),
        form("notices/preferences/links/", notices.links, "preferences-links"),
    ),
    *under(
        navigation.CHANNELS,
        page("t/<slug:slug>/settings/channels/", channels.channels, "channels"),
        guarded("t/<slug:slug>/settings/channels/add/", channels.add, "channel-add"),
        # The form can change the URL to which the customer's events are sent, so it requires recent authentication.
        form("t/<slug:slug>/settings/channels/<uuid:pk>/", step_up_to_change(channels.channel), "channel"),
        form("t/<slug:slug>/settings/channels/<uuid:pk>/test/", channels.test, "channel-test"),
        guarded("t/<slug:slug>/settings/channels/<uuid:pk>/switch/", channels.switch, "channel-switch"),
        guarded("t/<slug:slug>/settings/channels/<uuid:pk>/secret/", channels.secret, "channel-secret"),
        guarded("t/<slug:slug>/settings/channels/<uuid:pk>/delete/", channels.delete, "channel-delete"),
        page("t/<slug:slug>/settings/deliveries/", deliveries.dead_letters, "dead-letters"),
        form("t/<slug:slug>/settings/deliveries/posts/<uuid:pk>/retry/", deliveries.retry, "post-retry"),
        guarded("t/<slug:slug>/settings/deliveries/posts/<uuid:pk>/drop/", deliveries.drop, "post-drop"),
        form("t/<slug:slug>/settings/deliveries/mails/<uuid:pk>/retry/", deliveries.mail, "mail-retry"),
        guarded(
            "t/<slug:slug>/settings/deliveries/mails/<uuid:pk>/drop/", deliveries.drop_a_mail, "mail-drop"
        ),
    ),
    # These pages are not in the navigation.
    page("notices/", notices.notices, "notices"),
    form("notices/read/", notices.read, "notice-read"),
    public("unsubscribe/<str:token>/", unsubscribe.unsubscribe, "unsubscribe"),
]
