"""The JSON schema of configuration files, one module per area, and the messages about values that violate the
schema.
"""

from portal.configuration.schema.contradictions import nearest, problems
from portal.configuration.schema.parts import SECRET
from portal.configuration.schema.whole import MAX_CUSTOMERS, VERSION, schema

__all__ = ["MAX_CUSTOMERS", "SECRET", "VERSION", "nearest", "problems", "schema"]
