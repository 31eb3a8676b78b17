"""Checks of other products that correspond to our controls. People can search for a control by the name of a check that
they know from another product.
"""
