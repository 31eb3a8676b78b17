"""Campaigns of an organization: one control to be fixed in many customers by a given date."""
