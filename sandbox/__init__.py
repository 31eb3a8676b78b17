"""An Azure to try everything on: Entra sign-in, Azure Resource Manager and Microsoft Graph served from
estate files.

Imports nothing of the product. `python -m sandbox serve ESTATE...` starts it; `sandbox/README.md` says the
rest.
"""
