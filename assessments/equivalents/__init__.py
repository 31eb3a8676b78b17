"""Checks of other products that correspond to a control, so that people find the control by a name that they know."""
