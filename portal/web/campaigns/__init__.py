"""Campaigns of an organization: one control to be fixed in many customers until a date."""
