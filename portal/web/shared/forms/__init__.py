"""Define forms, and fields of forms, that pages of several areas show."""
