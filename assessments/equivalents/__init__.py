"""Checks of other products that correspond to our controls. So people can find a control by the name of a check that
they know from another product.
"""
