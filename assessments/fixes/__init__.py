"""Fixes of failing findings. A control declares the steps as data. They are filled in with facts of a finding and
rendered by one module, `render`, for all outputs.
"""
