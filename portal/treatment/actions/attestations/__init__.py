"""Attest manual findings, withdraw attestations, and record their expiry."""
