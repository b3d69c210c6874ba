"""A server that is asked in JSON: patience, a key that may go to this host and nowhere else, errors without the key.

Belongs here: one POST, patience with it, and its answer. Does not belong here: what is asked (judges, embedding
in `retrieval/endpoint.py`)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import NotDelivered, secret_of, without_secrets

TRIES, FIRST_WAIT, PATIENCE = 6, 1.0, 60.0  # seconds; waits double
LONGEST_WAIT = 30.0  # seconds
BUSY = (408, 429, 500, 502, 503, 504, 529)
HIDDEN = "***"


class NotAnswered(PayloadError):
    """A server that gave no usable answer, or may not be asked; the message says why and holds no key."""


class JsonServer:
    """`url`: the address before the path. `key_variable`: the environment variable that holds the key, "" where none is
    needed; `header` and `scheme` are how it is sent; `field`: where the use case names the variable. `purpose` opens
    each message. A busy server is asked again, longer and longer waits between; `wait` is how. `patience`: seconds for
    one try. Raises NotAnswered where the key may not be used."""

    def __init__(
        self,
        url: str,
        *,
        key_variable: str = "",
        field: str = "",
        purpose: str = "",
        header: str = "Authorization",
        scheme: str = "Bearer ",
        wait: Callable[[float], Any] = time.sleep,
        tries: int = TRIES,
        patience: float = PATIENCE,
    ):
        self.url, self._wait = url.rstrip("/"), wait
        self._tries, self._patience = tries, patience
        self._about = f"{purpose} {url}".strip()
        try:
            self._key = secret_of(key_variable, urlsplit(url).hostname or "") if key_variable else ""
        except NotDelivered as error:
            raise NotAnswered(f"{self._about}: {error} ({field})") from None
        self._headers = {"Content-Type": "application/json"}
        if self._key:
            self._headers[header] = f"{scheme}{self._key}"

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON value that the server answers with. Raises NotAnswered."""
        request = Request(f"{self.url}{path}", json.dumps(body).encode(), self._headers)
        given = {"tries": self._tries, "patience": self._patience}
        answer = answer_of(request, refused=self.not_answered, wait=self._wait, **given)  # type: ignore[arg-type]
        try:
            return json.loads(answer)
        except ValueError:
            raise self.not_answered("the answer is no JSON") from None

    def not_answered(self, problem: str) -> NotAnswered:
        return NotAnswered(without_secrets(f"{self._about}: {problem}", {self._key: HIDDEN} if self._key else {}))


def answer_of(
    request: Request,
    *,
    refused: Callable[[str], Exception],
    wait: Callable[[float], Any],
    in_words: Callable[[HTTPError], str] = lambda error: f"{error.code} {error.reason}",
    tries: int = TRIES,
    patience: float = PATIENCE,
) -> bytes:
    """What a server answers. A busy or failing one is asked again, longer and longer waits between; a redirection is
    not followed. Raises what `refused` makes of the problem."""
    opener, problem, pause = build_opener(_NoRedirect), "", FIRST_WAIT
    for attempt in range(tries):
        try:
            with opener.open(request, timeout=patience) as answer:
                found: bytes = answer.read()
                return found
        except HTTPError as error:
            problem = in_words(error)
            if error.code not in BUSY:
                raise refused(problem) from None
            asked = error.headers.get("Retry-After", "")
            pause = max(pause, float(asked)) if asked.isdigit() else pause
        except (OSError, HTTPException) as error:
            problem = f"no answer ({type(error).__name__}: {error})"
        if attempt < tries - 1:
            wait(min(pause, LONGEST_WAIT))
            pause *= 2
    raise refused(f"{problem}; asked {tries} times")


class _NoRedirect(HTTPRedirectHandler):
    """Nothing is sent elsewhere, least of all the key."""

    def redirect_request(self, *where: Any) -> None:
        return None
