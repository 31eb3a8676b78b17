"""An emulated Azure: Entra sign-in, Azure Resource Manager and Microsoft Graph, served from estate files.

`python -m sandbox serve ESTATE...` starts it; see `sandbox/README.md`. It imports no code of Surety.
"""
