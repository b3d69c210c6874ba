"""The addresses of the labelling page: who may ask, and what is refused. A real server on loopback."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from genaiops_assets.labelling import Desk, all_ratings
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from tests.support.label_page import Served, desk_of, served
from tests.support.labels import pairs

JSON = {"content-type": "application/json"}


@pytest.fixture
def desk(lake: Lake, uc: UseCase) -> Desk:
    pairs(lake, uc, [(f"Question {n}?", f"Good {n}.", f"Bad {n}.") for n in range(3)])
    return desk_of(lake, uc)


@pytest.fixture
def page(desk: Desk) -> Iterator[Served]:
    with served(desk) as found:
        yield found


def ask(page: Served, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers. `headers`: by name with _ for -; `host` replaces the right one."""
    host = page.address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    sent = {"host": host, **{k.replace("_", "-"): v for k, v in headers.items()}}
    raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {**sent, **({"content-length": str(len(raw))} if raw is not None else {})}.items():
        connection.putheader(name, value)
    connection.endheaders(raw)
    answer = connection.getresponse()
    found = answer.status, answer.read(), dict(answer.getheaders())
    connection.close()
    return found


def own(page: Served) -> dict[str, str]:
    return {"origin": page.address, "x_genaiops_token": page.token, "content_type": "application/json"}


def rating(desk: Desk, **changes: Any) -> dict[str, Any]:
    shown = desk.next()
    assert shown
    return {"item": shown.item.digest, "choice": "left", "seconds": 2.5, **changes}


def test_a_rating_from_the_page_itself_is_stored(page: Served, desk: Desk, lake: Lake, uc: UseCase) -> None:
    status, body, headers = ask(page, "POST", "/api/rate", rating(desk), **own(page))
    assert status == 200 and json.loads(body)["progress"]["done"] == 1
    assert "default-src 'none'" in headers["content-security-policy"] and headers["cache-control"] == "no-store"
    assert [r.seconds for r in all_ratings(lake, uc)] == [2.5]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"x_genaiops_token": "wrong"}, 403),
        ({"x_genaiops_token": ""}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),  # a page always says where it comes from
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"host": "evil.example"}, 421),  # a name that was made to point at this machine
        ({"content_type": "text/plain"}, 415),
    ],
)
def test_nobody_else_can_rate(
    page: Served, desk: Desk, lake: Lake, uc: UseCase, changes: dict[str, str], status: int
) -> None:
    assert ask(page, "POST", "/api/rate", rating(desk), **{**own(page), **changes})[0] == status
    assert ask(page, "POST", "/api/undo", {}, **{**own(page), **changes, "content_type": "application/json"})[0] in (
        200 if status == 415 else status,
    )
    assert all_ratings(lake, uc) == []


def test_nothing_is_shown_without_the_token(page: Served) -> None:
    status, body, _ = ask(page, "GET", "/api/state")
    assert status == 403 and b"Question" not in body
    assert ask(page, "GET", "/api/state", x_genaiops_token=page.token)[0] == 200
    assert ask(page, "GET", "/api/state", x_genaiops_token=page.token, sec_fetch_site="cross-site")[0] == 403
    assert b"Question" not in ask(page, "GET", "/")[1]


@pytest.mark.parametrize(
    "path",
    ["/../page.html", "/%2e%2e/desk.py", "/page/../../ratings.py", "//etc/passwd", "/api", "/page.js/..", "/docs"],
)
def test_no_other_file_is_served(page: Served, path: str) -> None:
    assert ask(page, "GET", path)[0] == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{broken", 400),
        (b"[" * 50_000, 400),
        (b"\xff", 400),
        ([1], 400),
        ({"choice": 3}, 400),
        ({"seconds": "2"}, 400),
        ({"seconds": -1}, 400),
        ({"seconds": True}, 400),
        ({"item": "nothing"}, 422),
        ({"choice": "both"}, 422),
        ({"choice": "edit", "written": "\ud83d", "improved": "left"}, 422),
        ({"choice": "edit", "written": "x" * 9000, "improved": "left"}, 422),
        (b'{"a": "' + b"x" * 70_000 + b'"}', 413),
        (b'{"item": "x", "choice": "left", "seconds": NaN}', 400),
    ],
)
def test_a_rating_that_is_none_is_refused(
    page: Served, desk: Desk, lake: Lake, uc: UseCase, body: Any, status: int
) -> None:
    told = rating(desk, **body) if isinstance(body, dict) else body
    assert ask(page, "POST", "/api/rate", told, **own(page))[0] == status
    assert all_ratings(lake, uc) == []


def test_a_second_rating_of_one_item_is_a_conflict(page: Served, desk: Desk) -> None:
    told = rating(desk)
    assert [ask(page, "POST", "/api/rate", told, **own(page))[0] for _ in range(2)] == [200, 409]


def test_versions_are_never_edited_and_never_teach(lake: Lake, uc: UseCase) -> None:
    from genaiops_assets.alignment import feedback_folder
    from genaiops_assets.labelling import guideline_of, version_items
    from tests.support.labels import evaluated, golden
    from tests.support.lakes import V1, V2

    asked = golden(lake, uc, a="A?", b="B?", c="C?")
    evaluated(lake, uc, V1, asked, {"a": "one", "b": "same", "c": "three"})
    evaluated(lake, uc, V2, asked, {"a": "two", "b": "same", "c": "four"})
    found = version_items(lake, uc, V1, V2)
    assert (len(found.items), found.equal, found.name) == (2, 1, version_items(lake, uc, V2, V1).name)
    desk = Desk(lake, uc, found, "Rita", guideline_of(uc))
    with served(desk) as page:
        edit = rating(desk, choice="edit", written="better", improved="left")
        assert ask(page, "POST", "/api/rate", edit, **own(page))[0] == 422
        status, body, _ = ask(page, "POST", "/api/rate", rating(desk), **own(page))
    assert status == 200 and not json.loads(body)["can_edit"] and b"mv-" not in body
    assert not feedback_folder(lake, uc).exists()
    [stored] = all_ratings(lake, uc)
    assert set(stored.sources) == {V1, V2}
