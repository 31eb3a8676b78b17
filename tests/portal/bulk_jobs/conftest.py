from tests.portal.api.conftest import api, sign_in

__all__ = ["api", "sign_in"]
