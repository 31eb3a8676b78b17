"""Erase customers, and pseudonymise people on request. This package checks whether an erasure is permitted, lets a
second person confirm it, carries out its steps, and signs the certificate.
"""
