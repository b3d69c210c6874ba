"""What people and programs see of the gateway itself: `/healthz` and the small page `/status`.

Belongs here: their content. Does not belong here: routes (`app.py`), metrics. `/healthz` is open to everybody, so it
names states and reasons, and no person, key or text. The page needs no script and reads on a phone."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from html import escape
from typing import Any

from genaiops_assets.governance.serving_stop import LIFT
from genaiops_assets.serving.gateway.gateway import Gateway

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:42rem;padding:1rem;color:#1b1b1b;background:#fff}"
    "h1{font-size:1.3rem;margin:.2rem 0 1rem}dl{margin:0}dt{color:#555;font-size:.85rem;margin-top:.7rem}"
    "dd{margin:0;overflow-wrap:anywhere}.state{display:inline-block;padding:.1rem .6rem;border-radius:1rem;color:#fff}"
    ".ok{background:#1a7f37}.degraded{background:#9a6700}.bad{background:#b42318}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}dt{color:#aaa}}"
)


def health(gateway: Gateway) -> dict[str, Any]:
    """status: ok; degraded: an earlier release answers than the one in production, or something else needs a person;
    draining; refused: nothing answers; stopped: a person stopped serving. `reason` says why."""
    released, problem = gateway.switch.current, gateway.switch.problem
    told: dict[str, Any] = {"status": "ok", "use_case": gateway.uc.name}
    if released is not None:
        told |= {"model_version": released.version, "release_bundle": released.bundle_digest}
    reason = problem or (released.warning if released else "") or gateway.taken_in
    if gateway.draining:
        return {**told, "status": "draining"}
    if gateway.switch.halt.stop is not None:
        return {**told, "status": "stopped", "reason": f"stopped by a person at {gateway.switch.halt.stop.at}"}
    if released is None:
        return {**told, "status": "refused", "reason": problem or "starting"}
    return {**told, "status": "degraded", "reason": reason} if reason else told


def status_page(gateway: Gateway) -> str:
    """One page of HTML, complete in itself."""
    told, uc = health(gateway), gateway.uc
    state = {"ok": "ok", "degraded": "degraded"}.get(told["status"], "bad")
    rows = [f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts(gateway, told)]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(uc.title)}: gateway</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body>'
        f'<h1>{escape(uc.title)} <span class="state {state}">{escape(told["status"])}</span></h1>'
        f"<dl>{''.join(rows)}</dl></body></html>"
    )


def facts(gateway: Gateway, told: dict[str, Any]) -> list[tuple[str, str]]:
    released, limits = gateway.switch.current, gateway.uc.serving.gateway.limits
    keys = gateway.keys.named()
    door = f"asked for: {len(keys)} made" if gateway.asks_for_keys else (
        "not asked for, since this gateway answers this machine alone and no key was made: anybody on it may ask, "
        "and passages of access class public are found. genaiops serve-key add makes a key"
    )  # fmt: skip
    up, stop = datetime.now(UTC) - gateway.since, gateway.switch.halt.stop
    made = [
        ("reason", f"{stop.in_words()}. To lift it: {LIFT}" if stop else told.get("reason", "")),
        ("release in use", f"{released.version}, bundle {released.bundle_digest[:12]}" if released else "none"),
        ("rollout", gateway.challenger.in_words()),
        ("engine", released.engine.name if released else ""),
        ("index", released.index_digest[:12] if released else ""),
        ("notice on answers", released.notice if released else ""),
        ("marks", f"signed provenance; watermark {released.watermark}" if released else ""),
        ("rules", (", ".join(released.guards.names) or "none") if released else ""),
        (
            "rules that cannot look",
            "; ".join(f"{n}: {why}" for n, why in released.guards.skipped.items()) if released else "",
        ),
        ("API keys", door),
        ("answers in the making", f"{gateway.places.busy} of {limits.at_once}, {gateway.places.waiting} waiting"),
        ("answers since the start", str(int(answers(gateway)))),
        ("releases loaded since the start", str(gateway.switch.opened)),
        ("running for", str(up).partition(".")[0]),
    ]
    return [(name, value) for name, value in made if value]


def answers(gateway: Gateway) -> float:
    samples = [s for metric in gateway.metrics.answers.collect() for s in metric.samples]
    return sum(s.value for s in samples if s.name.endswith("_total"))


def password_in(basic: str) -> str:
    """The password of a Basic credential, "" where it is none (RFC 7617)."""
    try:
        return base64.b64decode(basic, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
