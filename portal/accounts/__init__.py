"""Manage accounts of people: signing in, sessions, second factors, e-mail addresses and single sign-on.

Packages: `sign_in` (passwords, limits, policies), `mfa` (second factors), `sso` (single sign-on), `tokens` (API tokens
and client secrets), `emergency` (alarms about emergency access). Migrations import the module `second_factors`, so that
module must keep its path.
"""
