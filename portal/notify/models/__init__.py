"""The tables of notifications."""

from portal.notify.models.channel import Channel, Post
from portal.notify.models.notice import Notice, Preference

__all__ = ["Channel", "Notice", "Post", "Preference"]
