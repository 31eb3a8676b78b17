"""The documents collected from one unit, and the gaps. Pure: no Django, no azure."""
