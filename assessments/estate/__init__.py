"""What was collected of one unit: documents by collection, and the gaps. Pure: no Django, no azure."""
