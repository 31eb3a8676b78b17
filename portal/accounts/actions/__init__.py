"""Actions that write to accounts: to sessions, linked identities, addresses, second factors and emergency access."""
