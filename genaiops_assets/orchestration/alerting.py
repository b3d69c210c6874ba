"""Telling somebody outside: a webhook, a mail box, a file; each off until the operator names it in the environment.

Belongs here: reading that configuration and sending one message. Does not belong here: what is worth a message
(`sensors/checks.py`). A message holds names of checks and use cases, never a document, a question or an answer; no
error text holds the webhook's address, a token or a password.

    GENAIOPS_SECRET_ALERT_WEBHOOK         URL that takes a JSON POST (chat services put a secret into its path)
    GENAIOPS_SECRET_ALERT_TOKEN           sent as `Authorization: Bearer …`, where the webhook wants one
    GENAIOPS_ALERT_SMTP                   host:port of a mail server
    GENAIOPS_ALERT_MAIL_TO, …_MAIL_FROM   addresses; several recipients are separated by commas
    GENAIOPS_ALERT_SMTP_USER, GENAIOPS_SECRET_ALERT_SMTP_PASSWORD
    GENAIOPS_ALERT_FILE                   a line of JSON for each message is appended to it
    GENAIOPS_ALERT_SMTP_TLS               starttls (default), tls, or none: for a server on this machine only
"""

from __future__ import annotations

import http.client
import json
import os
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import urlsplit

from genaiops_assets.errors import Unusable

SECONDS = 3  # a sensor has no more time to spend
SCHEMA_VERSION = 1
KEPT = 100  # messages that wait for a channel that does not answer
TLS = ("starttls", "tls", "none")
LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Event:
    """A check that turned red, or passes again."""

    check: str
    state: str  # failed | passed_again

    def in_words(self) -> str:
        return f"{self.check} {'FAILED' if self.state == 'failed' else 'passes again'}"


class Channel(Protocol):
    @property
    def name(self) -> str: ...

    def tell(self, use_case: str, events: Sequence[Event]) -> str:
        """Sends one message. Returns why that failed, "" when it did not; no secret in it."""


@dataclass(frozen=True)
class Webhook:
    url: str = field(repr=False)
    token: str = field(default="", repr=False)
    name: str = "webhook"

    def tell(self, use_case: str, events: Sequence[Event]) -> str:
        headers = {"Content-Type": "application/json", "User-Agent": "genaiops"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        body = json.dumps(message(use_case, events), ensure_ascii=False).encode()
        try:
            request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")
            with urllib.request.build_opener(NoRedirect).open(request, timeout=SECONDS):
                return ""
        except urllib.error.HTTPError as error:
            return f"webhook: HTTP {error.code}"
        except (OSError, ValueError, http.client.HTTPException) as error:
            return f"webhook: {type(error).__name__}"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to a host that nobody named."""

    def redirect_request(self, *args: Any, **more: Any) -> None:
        return None


@dataclass(frozen=True)
class Mail:
    host: str
    port: int
    to: tuple[str, ...]
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "starttls"
    name: str = "mail"

    def tell(self, use_case: str, events: Sequence[Event]) -> str:
        written, told = EmailMessage(), message(use_case, events)
        written["Subject"], written["From"], written["To"] = told["title"], self.sender, ", ".join(self.to)
        written.set_content(told["text"])
        try:
            with self.connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(written)
        except smtplib.SMTPResponseException as error:
            return f"mail: SMTP {error.smtp_code}"
        except (OSError, ValueError, smtplib.SMTPException) as error:
            return f"mail: {type(error).__name__}"
        return ""

    def connected(self) -> smtplib.SMTP:
        """With the connection encrypted, unless the operator said not to."""
        if self.tls == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=ssl.create_default_context())
        server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        if self.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        return server


@dataclass(frozen=True)
class File:
    """One line of JSON a message, on the disk before it counts as told."""

    path: str
    name: str = "file"

    def tell(self, use_case: str, events: Sequence[Event]) -> str:
        line = json.dumps(message(use_case, events), ensure_ascii=False) + "\n"
        try:
            fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(fd, line.encode())
                os.fsync(fd)
            finally:
                os.close(fd)
        except OSError as error:
            return f"file: {type(error).__name__}"
        return ""


def message(use_case: str, events: Sequence[Event]) -> dict[str, Any]:
    """What is sent; `text` is the field that chat services show."""
    failed = sum(event.state == "failed" for event in events)
    title = f"{use_case}: {failed} checks turned red" if failed else f"{use_case}: checks pass again"
    return {
        "schema_version": SCHEMA_VERSION,
        "use_case": use_case,
        "title": title,
        "text": "\n".join([title, *(event.in_words() for event in events)]),
        "events": [{"check": event.check, "state": event.state} for event in events],
    }


def channels(environment: Mapping[str, str] = os.environ) -> list[Channel]:
    """The channels that the operator configured; none by default. Raises Unusable naming the variable that cannot be
    used."""
    found: list[Channel] = []
    if url := environment.get("GENAIOPS_SECRET_ALERT_WEBHOOK", ""):
        if not is_web_address(url):
            raise Unusable("GENAIOPS_SECRET_ALERT_WEBHOOK: expected an address that begins with http:// or https://")
        found.append(Webhook(url, environment.get("GENAIOPS_SECRET_ALERT_TOKEN", "")))
    if environment.get("GENAIOPS_ALERT_SMTP"):
        found.append(mail_of(environment))
    if path := environment.get("GENAIOPS_ALERT_FILE", ""):
        if not os.path.isabs(path):
            raise Unusable("GENAIOPS_ALERT_FILE: expected a path from the root")
        found.append(File(path))
    return found


def is_web_address(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def configured(environment: Mapping[str, str] = os.environ) -> tuple[list[Channel], list[str]]:
    """The channels, or none with the reason why: a mistake in the environment must not take the graph down."""
    try:
        return channels(environment), []
    except Unusable as error:
        return [], [f"nobody is told of red checks: {error}"]


def mail_of(environment: Mapping[str, str]) -> Mail:
    host, _, port = environment["GENAIOPS_ALERT_SMTP"].rpartition(":")
    if not host or not port.isdigit():
        raise Unusable("GENAIOPS_ALERT_SMTP: expected host:port")
    to = tuple(part.strip() for part in environment.get("GENAIOPS_ALERT_MAIL_TO", "").split(",") if part.strip())
    sender = environment.get("GENAIOPS_ALERT_MAIL_FROM", "")
    if not to or not sender:
        raise Unusable("GENAIOPS_ALERT_SMTP is set: GENAIOPS_ALERT_MAIL_TO and GENAIOPS_ALERT_MAIL_FROM are needed")
    tls = environment.get("GENAIOPS_ALERT_SMTP_TLS") or "starttls"
    if tls not in TLS:
        raise Unusable(f"GENAIOPS_ALERT_SMTP_TLS: expected one of {', '.join(TLS)}")
    if tls == "none" and host not in LOCAL:
        raise Unusable("GENAIOPS_ALERT_SMTP_TLS: none is for a mail server on this machine only")
    user, password = (
        environment.get(name, "") for name in ("GENAIOPS_ALERT_SMTP_USER", "GENAIOPS_SECRET_ALERT_SMTP_PASSWORD")
    )
    return Mail(host, int(port), to, sender, user, password, tls)


def tell_all(
    to: Sequence[Channel], use_case: str, news: Sequence[Event], waiting: Mapping[str, Sequence[Event]]
) -> tuple[dict[str, list[Event]], list[str]]:
    """Sends the news, and what still waits from before, over each channel. Returns (what waits for the next time by
    channel, why). A channel that the operator took away forgets what waited for it."""
    left, why = {}, []
    for channel in to:
        events = [*waiting.get(channel.name, ()), *news][-KEPT:]
        problem = channel.tell(use_case, events) if events else ""
        if problem:
            left[channel.name] = events
            why.append(f"{problem}; {len(events)} messages wait")
    return left, why
