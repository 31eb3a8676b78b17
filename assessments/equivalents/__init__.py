"""Checks of other products that correspond to controls of Surety. People who know a check of another product can find
the control by the name of the check.
"""
