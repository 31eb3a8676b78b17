"""The catalogue of controls. Each control or family of controls has its own module in this package or a subpackage. The
controls are pure functions.
"""
