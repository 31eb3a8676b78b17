"""Single sign-on with OpenID Connect. The package uses allauth's provider, and checks strictly what the issuer
sends.
"""
