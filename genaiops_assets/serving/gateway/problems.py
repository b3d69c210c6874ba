"""What a client is told when a request is not answered: status, and the error object that OpenAI's clients read.

Belongs here: the one exception for it. Does not belong here: what is wrong with a request (the modules that raise it).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from genaiops_assets.errors import GenaiopsError

KINDS = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.NOT_FOUND: "not_found_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}


class Problem(GenaiopsError):
    """A request that is not answered. `param`: the field that is wrong; `code`: a word for programs; `wait`: seconds
    after which it is worth asking again."""

    def __init__(self, status: HTTPStatus, message: str, *, param: str = "", code: str = "", wait: float = 0.0):
        super().__init__(message)
        self.status, self.param, self.code, self.wait = status, param, code, wait

    def body(self) -> dict[str, Any]:
        """{"error": {message, type, param, code}}."""
        server_side = "server_error" if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
        kind = KINDS.get(self.status, server_side)
        return {"error": {"message": str(self), "type": kind, "param": self.param or None, "code": self.code or None}}

    def headers(self) -> dict[str, str]:
        """Retry-After in whole seconds, one at least, where waiting helps."""
        return {"retry-after": str(max(1, round(self.wait)))} if self.wait else {}


def bad(param: str, message: str, code: str = "") -> Problem:
    """A field that cannot be used, by its name."""
    return Problem(HTTPStatus.BAD_REQUEST, f"{param}: {message}", param=param, code=code)
