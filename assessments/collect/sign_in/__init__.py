"""Sign in to a directory with the credentials of service principals or an identity of the host, and explain Entra's
refusals.
"""
