"""OAuth 2.0: programs of service accounts get access tokens for their client secret (RFC 6749, client credentials)."""
