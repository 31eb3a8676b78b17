"""Erasures of customers, and requests that pseudonymise people: what is permitted, the confirmation, each step, and the
certificate.
"""
