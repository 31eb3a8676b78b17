"""All functions that create or change the rows of this package: recorded changes, reviews, approved configurations,
watch rules and planned changes.
"""
