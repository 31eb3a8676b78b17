"""Second factors in pages: passkeys, codes of authenticator apps, and recovery codes."""
