"""The documents that were collected from one unit (a subscription or directory), and the gaps. This package does not
import Django or azure.*.
"""
