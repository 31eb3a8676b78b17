"""Writes to accounts: sessions, linked identities, addresses, second factors and emergency access."""
