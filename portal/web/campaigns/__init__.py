"""Serve the pages of campaigns. A campaign is one control that an organization wants fixed in many customers by a given
date.
"""
