from tests.portal.api.conftest import api, recorder, sign_in
from tests.portal.web.conftest import engineer

__all__ = ["api", "engineer", "recorder", "sign_in"]
