"""The example configuration in a real Caddy, in front of the real guard and UI. Skipped where Caddy is not installed
(`apt-get install caddy`). What speaks for oauth2-proxy here answers its three addresses and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest
import uvicorn
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster_webserver.app import create_app_from_workspace_process_context

from genaiops_assets.errors import Refused
from genaiops_assets.orchestration.codes import Codes
from genaiops_assets.orchestration.persons import require_person, secret_file
from genaiops_assets.orchestration.web.door import Door
from genaiops_assets.orchestration.web.guard import Guard
from genaiops_assets.use_case import UseCase, load_entry
from tests.conftest import PROJECT
from tests.support.browser import answers
from tests.support.faults import free_port, wait_for

CADDY = shutil.which("caddy")
pytestmark = [pytest.mark.enable_socket, pytest.mark.skipif(CADDY is None, reason="needs caddy: apt-get install caddy")]
FORM = {"model_version": "mv-0123456789ab", "name": "ada", "decision": "approved", "reason": "good"}
LAUNCH = "mutation L($p: ExecutionParams!) { launchRun(executionParams: $p) { __typename } }"


class SignIn(BaseHTTPRequestHandler):
    """Whoever has the cookie `user` signed in under its value."""

    def do_GET(self) -> None:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("user")
        if self.path.startswith("/oauth2/auth"):
            self.send_response(202 if cookie else 401)
            if cookie:
                self.send_header("X-Auth-Request-User", cookie.value)
        else:
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Site:
    """`launched`: bodies of the launches that reached Dagster."""

    address: str
    direct: str
    home: Path
    launched: list[Any]

    def client(self, user: str = "", **headers: str) -> httpx.Client:
        cookies = {"user": user} if user else {}
        own = {"origin": self.address, "accept": "text/html"}
        return httpx.Client(base_url=self.address, cookies=cookies, headers={**own, **headers}, trust_env=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home, upstream, public = tmp_path_factory.mktemp("home"), free_port(), free_port()
    address, launched = f"http://localhost:{public}", []
    sign_in = ThreadingHTTPServer(("127.0.0.1", 0), SignIn)
    threading.Thread(target=sign_in.serve_forever, daemon=True).start()
    with (
        dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as instance,
        WorkspaceProcessContext(instance, None, version="test") as context,
    ):
        app = recording(create_app_from_workspace_process_context(context), launched)
        guard = Guard(app, Door.of(upstream, address, home), Codes(home))
        server = uvicorn.Server(uvicorn.Config(guard, port=upstream, log_level="error", proxy_headers=False))
        threading.Thread(target=server.run, daemon=True).start()
        caddy = start_caddy(home, address, upstream, sign_in.server_port)
        try:
            assert wait_for(lambda: answers(upstream) and answers(public), 30), "the proxy did not start"
            yield Site(address, f"http://127.0.0.1:{upstream}", home, launched)
        finally:
            caddy.terminate()
            caddy.wait(20)
            server.should_exit = True
            sign_in.shutdown()


def start_caddy(home: Path, address: str, upstream: int, sign_in: int) -> subprocess.Popen[bytes]:
    env = {
        **os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home),
        "GENAIOPS_PUBLIC": address, "GENAIOPS_PROXY_SECRET": secret_file(home, "proxy_secret"),
        "GENAIOPS_UPSTREAM": f"127.0.0.1:{upstream}", "OAUTH2_PROXY": f"127.0.0.1:{sign_in}",
    }  # fmt: skip
    config = home / "Caddyfile"
    example = (PROJECT / "infra" / "reverse-proxy.caddyfile").read_text("utf-8")
    config.write_text("{\n\tadmin off\n}\n" + example, "utf-8")
    command = [str(CADDY), "run", "--config", str(config), "--adapter", "caddyfile"]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def recording(app: Any, launched: list[Any]) -> Any:
    """The app, with a note of every launch that was let through."""

    async def recorded(scope: Any, receive: Any, send: Any) -> None:
        async def noting() -> Any:
            message = await receive()
            if message.get("body"):
                launched.append(json.loads(message["body"]))
            return message

        await app(scope, noting, send)

    return recorded


def test_who_has_not_signed_in_is_sent_to_the_login_and_arrives_there(site: Site) -> None:
    with site.client() as client:
        sent = client.get("/runs?q=1")
        assert (sent.status_code, sent.headers["location"]) == (302, "/oauth2/start?rd=/runs?q=1")
        assert client.get(sent.headers["location"]).status_code == 200, "the login redirects to itself"


def test_who_signed_in_reaches_the_page(site: Site) -> None:
    with site.client("ada") as client:
        page = client.get("/")
    assert page.status_code == 200 and "<!DOCTYPE html>" in page.text
    assert "frame-ancestors 'none'" in str(page.headers.get_list("content-security-policy"))


def hand_in(site: Site, client: httpx.Client) -> dict[str, Any]:
    """The form as it reaches Dagster."""
    client.get("/")
    params = {"runConfigData": {"ops": {"decide": {"config": dict(FORM)}}}}
    answer = client.post("/graphql", json={"query": LAUNCH, "variables": {"p": params}})
    assert answer.status_code != 403, answer.text
    return site.launched[-1]["variables"]["p"]["runConfigData"]["ops"]["decide"]["config"]


@pytest.fixture(scope="module")
def uc(site: Site) -> UseCase:
    found = load_entry(site.home, "package:bank_support")
    assert isinstance(found, UseCase)
    return found.model_copy(update={"people": found.people.model_copy(update={"decisions": "ui_signed_in"})})


def test_a_form_is_handed_in_under_the_name_of_who_signed_in(site: Site, uc: UseCase) -> None:
    with site.client("ada") as client:
        require_person(site.home, uc, hand_in(site, client))
    with site.client("bob") as client, pytest.raises(Refused, match="the proof 'bob'"):
        require_person(site.home, uc, hand_in(site, client))


def test_nobody_states_another_name_through_the_proxy(site: Site, uc: UseCase) -> None:
    stated = {"x-genaiops-person": "ada", "x-auth-request-user": "ada"}
    with site.client("bob", **stated) as client, pytest.raises(Refused, match="the proof 'bob'"):
        require_person(site.home, uc, hand_in(site, client))


def test_past_the_proxy_the_public_address_is_not_served_and_no_name_believed(site: Site, uc: UseCase) -> None:
    host = site.address.removeprefix("http://")
    with httpx.Client(base_url=site.direct, headers={"x-genaiops-person": "ada"}, trust_env=False) as client:
        assert client.get("/", headers={"host": host}).status_code == 403
        form = hand_in(site, client)
    assert "code" not in form
    with pytest.raises(Refused):
        require_person(site.home, uc, form)
