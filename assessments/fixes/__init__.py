"""Fixes of failing findings. A control declares the steps as data; `render` fills in facts of a finding and renders
them for all outputs.
"""
