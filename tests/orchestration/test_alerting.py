"""Being told of red checks: over a real HTTP server and a real mail server on this machine, and off by default."""

from __future__ import annotations

import json
import logging
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_string
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.compute.environment import visible
from genaiops_assets.definitions import build_defs
from genaiops_assets.errors import Unusable
from genaiops_assets.orchestration.alerting import KEPT, Event, File, Mail, Webhook, channels, configured, tell_all
from genaiops_assets.orchestration.platform import Platform
from tests.support.lakes import bank_support

RED, GREEN = Event("bank_support/a:b", "failed"), Event("bank_support/a:b", "passed_again")
TOKEN = "s3cret-token"


class Inbox(ThreadingHTTPServer):
    """Keeps what is posted; answers with `status`, with a redirect where one is set."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.status, self.location = 200, ""
        super().__init__(("127.0.0.1", 0), Post)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook/in-the-path"


class Post(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_: Any) -> None: ...


class MailServer(socketserver.ThreadingTCPServer):
    """The few commands of SMTP that a plain delivery needs; keeps the letters. `refuses`: recipients are refused."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], str]] = []
        self.refuses = False
        super().__init__(("127.0.0.1", 0), Session)


class Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 ready")
        to: list[str] = []
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].upper()
            if word == "RCPT TO":
                to.append(line.split("<")[1].split(">")[0])
                self.say("550 nobody" if self.server.refuses else "250 ok")
            elif word == "DATA":
                self.say("354 go on")
                letter = []
                while (part := self.rfile.readline().decode()).strip() != ".":
                    letter.append(part)
                self.server.letters.append((to, "".join(letter)))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    yield from served(Inbox())


@pytest.fixture
def mail() -> Iterator[MailServer]:
    yield from served(MailServer())


def served(server: Any) -> Iterator[Any]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def mail_settings(mail: MailServer, **more: str) -> dict[str, str]:
    return {
        "GENAIOPS_ALERT_SMTP": f"127.0.0.1:{mail.server_address[1]}",
        "GENAIOPS_ALERT_MAIL_TO": "ada@bank.example, ben@bank.example",
        "GENAIOPS_ALERT_MAIL_FROM": "genaiops@bank.example",
        "GENAIOPS_ALERT_SMTP_TLS": "none",
        **more,
    }


# --- configuration
# ---------------------------------------------------------------------------------------------------------


def test_nobody_is_told_by_default() -> None:
    assert channels({}) == [] and tell_all([], "bank_support", [RED], {}) == ({}, [])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"GENAIOPS_SECRET_ALERT_WEBHOOK": "ftp://x/s3cret-token"}, "GENAIOPS_SECRET_ALERT_WEBHOOK"),
        ({"GENAIOPS_SECRET_ALERT_WEBHOOK": "http://[s3cret-token"}, "GENAIOPS_SECRET_ALERT_WEBHOOK"),
        ({"GENAIOPS_ALERT_SMTP": "mail.example"}, "GENAIOPS_ALERT_SMTP"),
        ({"GENAIOPS_ALERT_SMTP": "mail.example:25"}, "GENAIOPS_ALERT_MAIL_TO"),
    ],
)
def test_a_mistake_names_its_variable_shows_no_secret_and_takes_nothing_down(
    change: dict[str, str], named: str
) -> None:
    with pytest.raises(Unusable, match=named) as caught:
        channels(change)
    assert TOKEN not in str(caught.value)
    found, why = configured(change)
    assert found == [] and named in why[0]


def test_mail_is_encrypted_unless_the_server_is_this_machine(mail: MailServer) -> None:
    assert channels({**mail_settings(mail), "GENAIOPS_ALERT_SMTP_TLS": ""})[0].tls == "starttls"  # type: ignore[attr-defined]
    with pytest.raises(Unusable, match="this machine only"):
        channels(mail_settings(mail, GENAIOPS_ALERT_SMTP="mail.example:25"))


def test_no_payload_sees_address_token_or_password() -> None:
    names = ("WEBHOOK", "TOKEN", "SMTP_PASSWORD")
    assert visible({f"GENAIOPS_SECRET_ALERT_{name}": "x" for name in names}) == {}


# --- sending
# ---------------------------------------------------------------------------------------------------------


def test_the_webhook_gets_one_message_with_names_and_its_token(inbox: Inbox) -> None:
    (hook,) = channels({"GENAIOPS_SECRET_ALERT_WEBHOOK": inbox.url, "GENAIOPS_SECRET_ALERT_TOKEN": TOKEN})
    assert tell_all([hook], "bank_support", [RED, GREEN], {}) == ({}, [])
    ((headers, body),) = inbox.got
    assert headers["Authorization"] == f"Bearer {TOKEN}" and TOKEN not in repr(hook) and "in-the-path" not in repr(hook)
    assert body == {
        "schema_version": 1,
        "use_case": "bank_support",
        "title": "bank_support: 1 checks turned red",
        "text": "bank_support: 1 checks turned red\nbank_support/a:b FAILED\nbank_support/a:b passes again",
        "events": [{"check": RED.check, "state": "failed"}, {"check": RED.check, "state": "passed_again"}],
    }


def test_the_mail_reaches_every_recipient(mail: MailServer) -> None:
    (box,) = channels(mail_settings(mail))
    assert tell_all([box], "bank_support", [RED], {}) == ({}, [])
    ((to, letter),) = mail.letters
    read = message_from_string(letter)
    assert to == ["ada@bank.example", "ben@bank.example"] and read["Subject"] == "bank_support: 1 checks turned red"
    assert "bank_support/a:b FAILED" in read.get_payload()


def test_a_channel_that_does_not_answer_is_told_later_and_the_other_only_once(inbox: Inbox, mail: MailServer) -> None:
    hook, box = channels({"GENAIOPS_SECRET_ALERT_WEBHOOK": inbox.url, **mail_settings(mail)})
    mail.refuses = True
    waiting, why = tell_all([hook, box], "bank_support", [RED], {})
    assert waiting == {"mail": [RED]} and len(why) == 1 and why[0].startswith("mail: ")
    mail.refuses = False
    assert tell_all([hook, box], "bank_support", [], waiting) == ({}, [])
    assert (len(inbox.got), len(mail.letters)) == (1, 1)


def test_what_waits_is_bounded() -> None:
    dead = Webhook("http://127.0.0.1:9/x")
    waiting, _ = tell_all([dead], "bank_support", [RED] * 70, {"webhook": [GREEN] * 70})
    assert len(waiting["webhook"]) == KEPT and waiting["webhook"][-70:] == [RED] * 70


def test_a_redirect_is_not_followed_and_no_error_names_address_or_token(inbox: Inbox) -> None:
    inbox.status, inbox.location = 302, inbox.url
    refused = Webhook(inbox.url, TOKEN).tell("bank_support", [RED])
    assert refused == "webhook: HTTP 302" and len(inbox.got) == 1
    for broken in (Webhook("http://127.0.0.1:9/in-the-path", TOKEN), Webhook("http://[bad/in-the-path", TOKEN)):
        said = broken.tell("bank_support", [RED])
        assert said.startswith("webhook: ") and TOKEN not in said and "in-the-path" not in said


def test_mail_without_encryption_gives_no_password_away(mail: MailServer) -> None:
    """A server that offers no STARTTLS gets neither letter nor password."""
    host, port = "127.0.0.1", mail.server_address[1]
    box = Mail(host, port, ("a@b.example",), "c@d.example", "user", "s3cret-word")
    assert box.tell("bank_support", [RED]).startswith("mail: ") and mail.letters == []


# --- the sensor
# ---------------------------------------------------------------------------------------------------------


def test_the_sensor_tells_a_turn_to_red_once_and_repeats_what_was_not_heard(
    tmp_path: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GENAIOPS_SECRET_ALERT_WEBHOOK", inbox.url)
    monkeypatch.setenv("GENAIOPS_SECRET_ALERT_TOKEN", TOKEN)
    uc, platform = bank_support(), Platform(home=str(tmp_path / "home"))
    definitions = build_defs([uc], platform)
    sensor = definitions.resolve_sensor_def("bank_support__failed_checks")
    cursor, said = None, []
    inbox.status = 503
    with caplog.at_level(logging.DEBUG), dg.DagsterInstance.ephemeral() as instance:

        def evaluate(passed: bool) -> None:
            key = dg.AssetKey([uc.name, "drift_report"])
            found = dg.AssetCheckEvaluation(asset_key=key, check_name="nothing_jumped", passed=passed, metadata={})
            instance.report_runless_asset_event(found)

        def tick() -> None:
            nonlocal cursor
            context = dg.build_sensor_context(
                instance=instance, cursor=cursor, definitions=definitions, resources={"platform": platform}
            )
            data = sensor.evaluate_tick(context)
            cursor = data.cursor
            said.append(data.skip_message)

        evaluate(False)
        tick()
        assert "webhook: HTTP 503; 1 messages wait" in said[-1]
        inbox.status = 200
        tick()
        tick()
        evaluate(False)
        tick()
        evaluate(True)
        tick()
    states = [[event["state"] for event in body["events"]] for _, body in inbox.got]
    assert states == [["failed"], ["failed"], ["passed_again"]]
    everything = " ".join([*said, cursor or "", caplog.text])
    assert TOKEN not in everything and "in-the-path" not in everything


def test_a_file_gets_one_line_for_one_turn_and_keeps_what_it_could_not_take(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="GENAIOPS_ALERT_FILE"):
        channels({"GENAIOPS_ALERT_FILE": "alerts.jsonl"})
    path = tmp_path / "later" / "alerts.jsonl"
    (channel,) = channels({"GENAIOPS_ALERT_FILE": str(path)})
    assert isinstance(channel, File)
    waiting, why = tell_all([channel], "bank_support", [RED], {})
    assert waiting == {"file": [RED]} and why == ["file: FileNotFoundError; 1 messages wait"]
    path.parent.mkdir()
    assert tell_all([channel], "bank_support", [], waiting) == ({}, [])
    assert tell_all([channel], "bank_support", [], {}) == ({}, [])
    (line,) = path.read_text("utf-8").splitlines()
    assert json.loads(line)["events"] == [{"check": "bank_support/a:b", "state": "failed"}]
