"""The tables of notifications."""

from portal.notify.models.channel import Channel, Post
from portal.notify.models.notice import MailLinks, Notice, Preference
from portal.notify.models.told import Told

__all__ = ["Channel", "MailLinks", "Notice", "Post", "Preference", "Told"]
