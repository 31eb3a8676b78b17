"""Serve a tenant's journal: entries, details, and verification of the hash chain."""
