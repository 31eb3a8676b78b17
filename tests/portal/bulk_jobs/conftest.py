from tests.portal.api.conftest import api, recorder, sign_in

__all__ = ["api", "recorder", "sign_in"]
