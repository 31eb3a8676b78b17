"""Checks of other products that correspond to our controls. People who know a check by its name in another product find
the control.
"""
