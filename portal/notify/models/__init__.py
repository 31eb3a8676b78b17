"""The tables of notifications."""

from portal.notify.models.channel import Channel, Post
from portal.notify.models.dedup_key import DedupKey
from portal.notify.models.notice import MailLinks, Notice, Preference
from portal.notify.models.published_event import PublishedEvent

__all__ = ["Channel", "DedupKey", "MailLinks", "Notice", "Post", "Preference", "PublishedEvent"]
