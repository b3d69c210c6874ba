"""The guard in front of the real Dagster UI: what another page, another address or a plain script may not do."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from genaiops_assets.orchestration.persons import secret_file
from genaiops_assets.orchestration.web.door import Door
from tests.orchestration.page import HERE, PUBLIC, Page

READ = "{ version }"
CHANGE = "mutation { setAutoMaterializePaused(paused: true) }"


# --- its own page


def test_its_own_page_reads_and_changes(page: Page) -> None:
    page.open()
    assert page.say(READ).json()["data"]["version"]
    assert page.say(CHANGE).json() == {"data": {"setAutoMaterializePaused": True}}
    assert page.changed()


def test_a_page_of_an_earlier_start_reads_but_changes_nothing(page: Page) -> None:
    page.client.cookies.set(page.door.cookie_name, "of-an-earlier-start")
    assert page.say(READ).status_code == 200
    refused = page.say(CHANGE)
    assert refused.status_code == 403
    assert "reload this page" in refused.json()["errors"][0]["message"]
    assert not page.changed()


def test_the_token_is_for_this_page_alone(page: Page) -> None:
    cookie = page.open().headers["set-cookie"]
    assert cookie.startswith(f"genaiops_3000={page.door.token};")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie


def test_only_a_page_gets_the_token(page: Page) -> None:
    assert "set-cookie" not in page.client.get("/server_info").headers
    assert "set-cookie" not in page.say(READ).headers


def test_two_starts_have_two_tokens(tmp_path: Path) -> None:
    assert Door.of(3000, None, tmp_path).token != Door.of(3000, None, tmp_path).token


# --- another page, another address


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:3001", "127.0.0.1", "dagster.example.org.evil.example"])
@pytest.mark.parametrize("path", ["/", "/server_info", "/graphql", "/logs/x/compute_logs/y.out"])
def test_an_address_it_was_not_told_is_refused(page: Page, host: str, path: str) -> None:
    assert page.client.get(path, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:3001", "https://127.0.0.1:3000"])
def test_another_page_gets_nothing(page: Page, origin: str) -> None:
    page.open()
    assert page.say(CHANGE, origin=origin).status_code == 403
    assert page.say(READ, origin=origin).status_code == 403
    assert not page.changed()


def test_another_site_that_hides_its_origin_is_refused(page: Page) -> None:
    page.open()
    del page.client.headers["origin"]
    assert page.say(CHANGE, **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert page.say(CHANGE, **{"sec-fetch-site": "same-site"}).status_code == 403


def test_a_script_without_origin_reads_but_needs_the_token_to_change(page: Page) -> None:
    del page.client.headers["origin"]
    assert page.say(READ).status_code == 200
    assert page.say(CHANGE).status_code == 403
    page.open()
    assert page.say(CHANGE).status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/graphql", "multipart/form-data", "", "text/plain; a=application/json"]
)
def test_what_a_form_of_another_page_can_send_is_no_graphql(page: Page, kind: str) -> None:
    page.open()
    body = json.dumps({"query": CHANGE})
    sent = page.client.post("/graphql", params={"query": CHANGE}, content=body, headers={"content-type": kind})
    assert sent.status_code == 415
    assert not page.changed()


def test_host_or_origin_that_comes_twice_is_refused(page: Page) -> None:
    twice = [("origin", HERE), ("origin", "https://evil.example"), ("content-type", "application/json")]
    client = TestClient(page.app, base_url=HERE)
    assert client.post("/graphql", content=b"{}", headers=twice).status_code == 400


# --- ways around POST


@pytest.mark.parametrize(
    "path", ["/logs/../../secret.out", "/logs/%2e%2e/%2e%2e/secret.out", "/logs/a%5c..%5csecret.out"]
)
def test_no_address_leads_out_of_the_logs(page: Page, path: str) -> None:
    assert raw_get(page.app, path) == 400


@pytest.mark.parametrize("query", [CHANGE, READ])
def test_graphql_by_get_is_refused(page: Page, query: str) -> None:
    page.open()
    assert page.client.get("/graphql", params={"query": query}).status_code == 405
    assert not page.changed()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(page: Page, method: str) -> None:
    assert page.client.request(method, "/graphql").status_code == 405


def start(query: str) -> dict[str, Any]:
    return {"type": "start", "id": "1", "payload": {"query": query, "variables": {}}}


def test_a_subscription_by_websocket_is_served_to_its_own_page(page: Page) -> None:
    page.open()
    with page.client.websocket_connect("/graphql", subprotocols=["graphql-ws"], headers=own(page)) as socket:
        socket.send_json({"type": "connection_init"})
        assert socket.receive_json()["type"] == "connection_ack"


@pytest.mark.parametrize("query", [CHANGE, READ, "subscription S { x } mutation M { y }"])
def test_anything_but_a_subscription_closes_the_websocket(page: Page, query: str) -> None:
    page.open()
    with page.client.websocket_connect("/graphql", subprotocols=["graphql-ws"], headers=own(page)) as socket:
        socket.send_json(start(query))
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 1008
    assert not page.changed()


@pytest.mark.parametrize(
    "changed", [{"origin": "https://evil.example"}, {"origin": ""}, {"host": "evil.example"}, {"cookie": ""}]
)
def test_a_websocket_of_another_page_is_refused(page: Page, changed: dict[str, str]) -> None:
    page.open()
    headers = {k: v for k, v in {**own(page), **changed}.items() if v}
    client = TestClient(page.app, base_url=HERE)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/graphql", headers=headers):
        pytest.fail("it was accepted")


def raw_get(app: Any, path: str) -> int:
    """The status of a request whose path no client has tidied up."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": unquote(path), "raw_path": path.encode(), "root_path": "", "query_string": b"",
        "headers": [(b"host", b"127.0.0.1:3000")],
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    return int(sent[0]["status"])


def own(page: Page) -> dict[str, str]:
    return {"origin": HERE, "host": "127.0.0.1:3000", "cookie": f"{page.door.cookie_name}={page.door.token}"}


# --- what every answer carries


@pytest.mark.parametrize("path", ["/", "/server_info", "/graphql", "/nothing/here", "/logs/a/compute_logs/none.out"])
def test_no_answer_may_be_framed_or_guessed_at_or_fetch_from_elsewhere(page: Page, path: str) -> None:
    answer = page.client.get(path, headers={"accept": "text/html"})
    policy = ", ".join(answer.headers.get_list("content-security-policy"))
    assert "frame-ancestors 'none'" in policy
    assert "img-src 'self' data: blob:" in policy
    assert "connect-src 'self'" in policy
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_refusal_carries_them_too(page: Page) -> None:
    answer = page.client.get("/", headers={"host": "evil.example"})
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


# --- behind a proxy


def proxied(page: Page, secret: str, person: str = "") -> TestClient:
    client = TestClient(page.app, base_url=PUBLIC)
    client.headers |= {"origin": PUBLIC, "x-genaiops-proxy-secret": secret, "x-genaiops-person": person}
    return client


def test_the_public_address_is_served_to_the_proxy_alone(page: Page, tmp_path: Path) -> None:
    secret = secret_file(tmp_path, "proxy_secret")
    assert proxied(page, secret).get("/", headers={"accept": "text/html"}).status_code == 200
    assert proxied(page, "guessed").get("/").status_code == 403
    assert proxied(page, "").get("/").status_code == 403


def test_the_token_of_a_public_page_travels_encrypted_only(page: Page, tmp_path: Path) -> None:
    answer = proxied(page, secret_file(tmp_path, "proxy_secret")).get("/")
    assert "; Secure" in answer.headers["set-cookie"]


def test_the_name_of_who_signed_in_is_believed_from_the_proxy_alone(page: Page, tmp_path: Path) -> None:
    headers = [(b"x-genaiops-person", "Ada Äpfel".encode())]
    assert page.door.person(headers) == ""
    assert page.door.person([*headers, (b"x-genaiops-proxy-secret", b"guessed")]) == ""
    secret = secret_file(tmp_path, "proxy_secret").encode()
    assert page.door.person([*headers, (b"x-genaiops-proxy-secret", secret)]) == "Ada Äpfel"


def test_without_a_proxy_no_secret_opens_anything(tmp_path: Path) -> None:
    door = Door.of(3000, None, tmp_path)
    assert door.person([(b"x-genaiops-person", b"ada"), (b"x-genaiops-proxy-secret", b"")]) == ""


@pytest.mark.parametrize("address", ["dagster.example.org", "ftp://x", "https://", "https://x/path", "https://x?q=1"])
def test_a_public_address_is_a_whole_host(tmp_path: Path, address: str) -> None:
    with pytest.raises(ValueError, match="whole host"):
        Door.of(3000, address, tmp_path)
