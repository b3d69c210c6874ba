"""A server that answers as S3 does to HeadBucket, HeadObject, GetObject and ListObjectsV2. Holds no tests."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

import fsspec

WHEN = "2026-11-24T12:00:00.000Z"


class Bucket:
    """`objects`: key → content. `pages`: how many were asked for."""

    def __init__(self, objects: dict[str, bytes], page: int = 3):
        self.objects, self.page, self.pages = objects, page, 0

    def listed(self, prefix: str, delimiter: str, token: str) -> str:
        """One page, names as in URLs, which the client asks for. The token is the last name given before."""
        self.pages += 1
        names: dict[str, str | None] = {}
        for key in sorted(k for k in self.objects if k.startswith(prefix)):
            inner, slash, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
            names.setdefault(prefix + inner + slash if slash else key, None if slash else key)
        left = [(name, key) for name, key in names.items() if name > token]
        shown, more = left[: self.page], len(left) > self.page
        parts = [
            f"<Contents><Key>{quote(key)}</Key><LastModified>{WHEN}</LastModified><ETag>{etag(self.objects[key])}</ETag>"
            f"<Size>{len(self.objects[key])}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            if key is not None
            else f"<CommonPrefixes><Prefix>{quote(name)}</Prefix></CommonPrefixes>"
            for name, key in shown
        ]
        parts += [f"<NextContinuationToken>{escape(shown[-1][0])}</NextContinuationToken>"] if more else []
        state = f"<EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated><KeyCount>{len(shown)}</KeyCount>"
        return f'<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{state}{"".join(parts)}</ListBucketResult>'


def etag(content: bytes) -> str:
    return f"&quot;{md5(content, usedforsecurity=False).hexdigest()}&quot;"


def key_of(path: str) -> str:
    return unquote(urlsplit(path).path.strip("/").partition("/")[2])


def handler_of(bucket: Bucket) -> Any:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            key = key_of(self.path)
            content = bucket.objects.get(key) if key else b""
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.send_header("Last-Modified", "Tue, 24 Nov 2026 12:00:00 GMT")
            self.send_header("ETag", etag(content or b"").replace("&quot;", '"'))
            self.end_headers()

        def do_GET(self) -> None:
            asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
            if "list-type" in asked:
                body = bucket.listed(
                    asked.get("prefix", ""), asked.get("delimiter", ""), asked.get("continuation-token", "")
                ).encode()
                self.send_response(200)
            else:
                content = bucket.objects[key_of(self.path)]
                first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
                body = content[int(first) : int(last) + 1 if last else None]
                self.send_response(206)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def served(bucket: Bucket) -> Iterator[Bucket]:
    """The bucket on a local port, and fsspec's `s3://` led there for as long."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_of(bucket)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        how = {
            "endpoint_url": address,
            "key": "k",
            "secret": "s",
            "skip_instance_cache": True,
            "client_kwargs": {"region_name": "eu-west-1"},
        }
        with patch.dict(fsspec.config.conf, s3=how):
            try:
                yield bucket
            finally:
                server.shutdown()
