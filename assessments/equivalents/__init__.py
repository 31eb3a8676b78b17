"""Checks of other products that ask the same as a control, so that people find a control by the name they know."""
