"""Writes of portal.audit: sending entries and anchoring heads."""
