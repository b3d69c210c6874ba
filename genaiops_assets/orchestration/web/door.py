"""Which addresses the web page answers at, and how it knows its own pages and the proxy in front of it.

Belongs here: Host, Origin, the token of this start, the proxy's secret and the name it hands on. Does not belong here:
what a request asks for (`queries.py`)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.orchestration.persons import secret_file

Headers = Iterable[tuple[bytes, bytes]]
PROXY_SECRET, PERSON = b"x-genaiops-proxy-secret", b"x-genaiops-person"
SECRET_FILE = "proxy_secret"


class Refusal(GenaiopsError):
    """A request that does not pass: status and the reason for whoever sent it."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def header(headers: Headers, name: bytes) -> str:
    """The one value of a header, or ''. Raises Refusal where it comes twice: two readers could take two values."""
    values = [value for key, value in headers if key.lower() == name]
    if len(values) > 1:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"{name.decode()} comes twice")
    return values[0].decode("utf-8", "replace") if values else ""


@dataclass(frozen=True)
class Door:
    """`origins`: the origin of each Host that is answered; `public`: the Host that a proxy speaks for, which alone
    knows `proxy_secret`; `token`: what a page of this start carries."""

    origins: dict[str, str]
    cookie_name: str
    public: str = ""
    proxy_secret: str = ""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @classmethod
    def of(cls, port: int, public: str | None, home: Path) -> Door:
        """The door of a port on this machine and, with `public`, of the address of a proxy."""
        origins = {f"{host}:{port}": f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")}
        if not public:
            return cls(origins, f"genaiops_{port}")
        host, origin = public_origin(public)
        return cls({**origins, host: origin}, f"genaiops_{port}", host, secret_file(home, SECRET_FILE))

    def origin_of(self, headers: Headers) -> str:
        """The origin of this page under the Host that was asked for. Raises Refusal for a Host it was not told, and
        for the public one without the proxy's secret."""
        host = header(headers, b"host").lower()
        if host not in self.origins:
            raise Refusal(HTTPStatus.MISDIRECTED_REQUEST, f"no page is served as {host[:80]!r}")
        if host == self.public and not self._is_from_proxy(headers):
            raise Refusal(HTTPStatus.FORBIDDEN, "this address is served through its proxy only")
        return self.origins[host]

    def refuse_foreign(self, headers: Headers, own: str, must_say: bool = False) -> None:
        """Raises Refusal for a request from another origin's page; with `must_say` also where none is stated."""
        origin, site = header(headers, b"origin"), header(headers, b"sec-fetch-site")
        if (origin or must_say) and origin != own:
            raise Refusal(HTTPStatus.FORBIDDEN, "this came from another page")
        if site not in ("", "same-origin", "none"):
            raise Refusal(HTTPStatus.FORBIDDEN, "this came from another site")

    def refuse_without_token(self, headers: Headers) -> None:
        if not self.has_token(headers):
            raise Refusal(HTTPStatus.FORBIDDEN, "genaiops up was started anew: reload this page")

    def has_token(self, headers: Headers) -> bool:
        given = SimpleCookie()
        try:
            given.load(header(headers, b"cookie"))
        except CookieError:
            return False
        found = given.get(self.cookie_name)
        return found is not None and hmac.compare_digest(found.value.encode(), self.token.encode())

    def cookie(self, origin: str) -> bytes:
        secure = "; Secure" if origin.startswith("https:") else ""
        return f"{self.cookie_name}={self.token}; Path=/; HttpOnly; SameSite=Strict{secure}".encode()

    def person(self, headers: Headers) -> str:
        """Who signed in at the proxy; '' where there is none."""
        return header(headers, PERSON).strip() if self._is_from_proxy(headers) else ""

    def without_secrets(self, headers: Headers) -> list[tuple[bytes, bytes]]:
        """The headers for Dagster: without what is between us and the proxy."""
        return [(key, value) for key, value in headers if key.lower() not in (PROXY_SECRET, PERSON)]

    def _is_from_proxy(self, headers: Headers) -> bool:
        given = header(headers, PROXY_SECRET)
        return bool(self.proxy_secret) and hmac.compare_digest(given.encode(), self.proxy_secret.encode())


def public_origin(address: str) -> tuple[str, str]:
    """Host header and origin of an address like https://dagster.example.org. Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"{address!r} is no address of a whole host, like https://dagster.example.org")
    standard = {"http": 80, "https": 443}[parts.scheme]
    host = parts.hostname if parts.port in (None, standard) else f"{parts.hostname}:{parts.port}"
    return host.lower(), f"{parts.scheme}://{host.lower()}"
