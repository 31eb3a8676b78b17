"""Fixes of failing findings. A control declares the steps of its fix as data. `render` fills the facts of a finding
into the steps, and turns the steps into text for all outputs.
"""
