"""An emulated Azure: Entra sign-in, Azure Resource Manager and Microsoft Graph, served from estate files.

`python -m sandbox serve ESTATE...` starts the sandbox; see `sandbox/README.md`. The sandbox imports no code of Surety.
"""
