"""The JSON schema of configuration files, and the messages about values that violate it. Each area of the schema has a
module of its own.
"""

from portal.configuration.schema.contradictions import nearest, problems
from portal.configuration.schema.parts import SECRET
from portal.configuration.schema.whole import MAX_CUSTOMERS, VERSION, schema

__all__ = ["MAX_CUSTOMERS", "SECRET", "VERSION", "nearest", "problems", "schema"]
