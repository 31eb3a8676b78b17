"""Accounts of people: signing in, sessions, second factors, e-mail addresses and single sign-on."""
