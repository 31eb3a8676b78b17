"""The demonstration: a fictitious MSP with customers. The sandbox emulates their Azure environments, and real workers
assess them.
"""
