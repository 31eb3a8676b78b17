"""The engine collects a customer's Azure configuration, evaluates the controls of the catalogue, and stores
findings.
"""
