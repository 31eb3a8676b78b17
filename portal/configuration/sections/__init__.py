"""Sections of a configuration file. Each module compares one section with the stored settings, and plans the steps that
apply the section.
"""
