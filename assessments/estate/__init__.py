"""What was collected from one unit (a subscription or directory): documents, and gaps for everything that could not be
read. This package does not import Django or azure.*.
"""
