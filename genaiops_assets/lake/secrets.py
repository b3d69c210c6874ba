"""Secrets in references: where one may stand, which environment variables may be one, and how a reference is printed.

In a URL, `{NAME}` stands for an environment variable, in the user part, the password or the value of a query parameter
only. NAME starts with GENAIOPS_SECRET_, or the operator lists it in GENAIOPS_SECRETS, separated by commas, each with
the hosts it may be sent to where that is wanted: `DB_WORD@db.example.org, FEED_KEY@*.example.org|example.org`.

Belongs here: that rule. Does not belong here: copying (`remote.py`)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from genaiops_assets.errors import GenaiopsError

PREFIX, LISTED = "GENAIOPS_SECRET_", "GENAIOPS_SECRETS"
SECRET = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
HARMLESS_NAMES = {
    "sslmode", "charset", "encoding", "driver", "format", "lang", "raw", "download", "versionid", "generation", "ref",
    "revision",
}  # fmt: skip
HARMLESS_VALUE = re.compile(r"true|false|yes|no|on|off|\d{0,6}", re.IGNORECASE)
PEOPLE = {"sql", "ssh", "sftp", "abfs", "abfss", "az", "wasb", "wasbs", "hdfs", "smb", "ftp"}  # a user part is a name
WITH_FRAGMENT = {"http", "https", "sql"}
SCHEMES = {
    "file", "memory", "http", "https", "s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "wasb", "wasbs", "hdfs",
    "webhdfs", "sftp", "ssh", "ftp", "smb", "oss", "oci",
}  # fmt: skip
URL = re.compile(
    r"(?P<scheme>(?:sql:)?[A-Za-z][A-Za-z0-9+.-]*)://(?:(?P<user>[^/?#@]*)@)?(?P<host>[^/?#]*)(?P<path>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)
HIDDEN = "***"


class NotDelivered(GenaiopsError):
    """The other side did not give what was asked for, or may not be asked so; the message holds no secret."""


def stated_secret(ref: str) -> str:
    """Which part of a URL holds what may be a secret as it is, not the name of an environment variable: `password`,
    `user part`, `query` or `fragment`; empty when none does."""
    if "::" in ref:
        return next((part for link in ref.split("::") if (part := stated_secret(link))), "")
    url = URL.fullmatch(ref)
    if url is None:
        return ""
    name, colon, password = (url["user"] or "").partition(":")
    kind = "sql" if url["scheme"].startswith("sql:") else url["scheme"].lower()
    if colon and not is_named(password):
        return "password"
    if name and not is_named(name) and not colon and kind not in PEOPLE:
        return "user part"
    if any(value and not harmless(key, value) for key, value in parameters(url["query"])):
        return "query"
    return "fragment" if url["fragment"] and kind in WITH_FRAGMENT else ""


def states_a_secret(ref: str) -> bool:
    return bool(stated_secret(ref))


def is_named(text: str) -> bool:
    """Whether a text is one `{NAME}`."""
    return bool(SECRET.fullmatch(text))


def parameters(query: str | None) -> list[tuple[str, str]]:
    """(name, value); a part without `=` is all value."""
    parts = [p.partition("=") for p in re.split("[&;]", query or "") if p]
    return [(name, value) if equals else ("", name) for name, equals, value in parts]


def harmless(name: str, value: str) -> bool:
    return is_named(value) or name.lower() in HARMLESS_NAMES or (bool(name) and bool(HARMLESS_VALUE.fullmatch(value)))


def printed(ref: str) -> str:
    """A reference as it may be shown and stored: whatever may be a secret in it is hidden, `{NAME}` stays."""
    if "::" in ref:
        return "::".join(map(printed, ref.split("::")))
    url = URL.fullmatch(ref)
    if url is None or not stated_secret(ref):
        return ref
    name, colon, password = (url["user"] or "").partition(":")
    kept = (name if is_named(name) or colon else HIDDEN) + (colon and f":{password if is_named(password) else HIDDEN}")
    user = f"{kept}@" if url["user"] else ""
    values = [
        f"{key}={value if harmless(key, value) else HIDDEN}" if key else value if is_named(value) else HIDDEN
        for key, value in parameters(url["query"])
    ]
    query = f"?{'&'.join(values)}" if url["query"] else ""
    fragment = f"#{HIDDEN}" if url["fragment"] else ""
    return f"{url['scheme']}://{user}{url['host']}{url['path']}{query}{fragment}"


def with_secrets(ref: str, environment: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The URL with its placeholders filled, and {secret: placeholder}. Raises NotDelivered for a stated secret, a
    scheme that is not allowed, a chain of URLs, and a placeholder that may not stand where it does or is not set."""
    if part := stated_secret(ref):
        raise NotDelivered(
            f"it holds a secret ({part}): put that into an environment variable and write {{NAME}} in its place"
        )
    if "::" in ref:
        raise NotDelivered("chains of URLs (::) are refused")
    url = URL.fullmatch(ref)
    if url is None:
        raise NotDelivered("not a URL")
    if not url["scheme"].startswith("sql:"):
        refuse_scheme(url["scheme"].lower())
    for part in ("scheme", "host", "path", "fragment"):
        if url[part] and SECRET.search(url[part]):
            raise NotDelivered(
                f"{{NAME}} stands in its {part}; a secret may stand in the user part, the password or the value of a "
                "query parameter only"
            )
    host = re.sub(r":\d*$", "", url["host"])
    names = dict.fromkeys(SECRET.findall(ref))
    found = {name: secret_of(name, host, environment) for name in names}
    used = {value: f"{{{name}}}" for name, value in found.items() if value}
    return SECRET.sub(lambda match: found[match.group(1)], ref), used


def refuse_scheme(scheme: str) -> None:
    """fsspec knows systems that unpack, cache, map and run what they are given, and chains of them; sources need
    none."""
    if scheme not in SCHEMES:
        raise NotDelivered(f"{scheme}:// is not among the schemes that are read: {', '.join(sorted(SCHEMES))}")


def listed_secrets(environment: Mapping[str, str] = os.environ) -> dict[str, tuple[str, ...]]:
    """Name → host patterns, of the variables the operator lists; no pattern means any host."""
    found = {}
    for item in environment.get(LISTED, "").split(","):
        name, _, hosts = item.strip().partition("@")
        if name:
            found[name] = tuple(h.strip().lower() for h in hosts.split("|") if h.strip())
    return found


def is_secret(name: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a variable may be a secret of a reference."""
    return name.startswith(PREFIX) or name in listed_secrets(environment)


def secret_of(name: str, host: str, environment: Mapping[str, str] = os.environ) -> str:
    """The value of a variable that may be sent to a host. Raises NotDelivered, with what to do."""
    if not is_secret(name, environment):
        raise NotDelivered(
            f"the environment variable {name} may not be used: call it {PREFIX}{name}, or list it in {LISTED}"
        )
    hosts = listed_secrets(environment).get(name, ())
    if hosts and not any(fnmatchcase(host.lower(), pattern) for pattern in hosts):
        raise NotDelivered(f"{name} may go to {', '.join(hosts)}, not to {host or 'no host'} ({LISTED})")
    if name not in environment:
        raise NotDelivered(f"the environment variable {name} is not set")
    return environment[name]


def without_secrets(message: str, used: dict[str, str]) -> str:
    for secret in sorted(used, key=len, reverse=True):
        message = message.replace(secret, used[secret])
    return message
