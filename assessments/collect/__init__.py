"""Read an Azure directory or subscription into an Estate. No other package imports azure.*. This package does not use
Django.

`run` collects one subscription or directory, in the order of `plan`, through a `session`. Packages: `http` (requests
and answers of one cloud), `sign_in` (credentials, and Entra's refusals), `activity` (who changed what), and
`principals` (roles, permissions and names). `failures` turns the expected errors of requests into gaps, each with its
reason.
"""
