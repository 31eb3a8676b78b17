"""Serve the journal of a tenant or an organization: entries, details, and verification of the hash chain."""
