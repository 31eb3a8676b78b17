"""OAuth 2.0 for service accounts: a program sends its client secret and gets access tokens (RFC 6749, client
credentials).
"""
