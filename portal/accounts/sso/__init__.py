"""Single sign-on with OpenID Connect: allauth's provider with strict checks of what the issuer sends."""
