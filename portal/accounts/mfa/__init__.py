"""The second factors with which people sign in to pages: passkeys, codes of authenticator apps, and recovery codes."""
