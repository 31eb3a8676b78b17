"""The second factors of pages, which are passkeys, codes of authenticator apps, and recovery codes."""
