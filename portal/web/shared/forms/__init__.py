"""Forms, and fields of forms, that pages of several areas show."""
