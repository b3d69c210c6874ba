"""What the gateway counts, in Prometheus' text form.

Belongs here: the metrics and their names. Does not belong here: what happens (`app.py`). Labels hold names of ours
alone (routes, rules, ways an answer ended), so that nobody can make new time series by what they send. Names follow
OpenTelemetry's GenAI metrics where those have one."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from genaiops_assets.serving.gateway.exchange import Exchange
from genaiops_assets.serving.gateway.limits import Places

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """`places`: asked when somebody reads them."""

    def __init__(self, places: Places) -> None:
        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"registry": self.registry}
        self.requests = Counter("genaiops_requests", "Requests by route and status", ["route", "status"], **own)
        self.answers = Counter("genaiops_answers", "Answers by how they ended", ["finish"], **own)
        self.rules = Counter("genaiops_interventions", "Rules that fired", ["stage", "rule", "action"], **own)
        self.tokens = Counter("gen_ai_client_token_usage", "Tokens read and written", ["kind"], **own)
        self.seconds = Histogram(
            "gen_ai_server_request_duration_seconds", "Seconds of an answer", buckets=SECONDS, **own
        )
        self.first = Histogram(
            "gen_ai_server_time_to_first_token_seconds", "Seconds to the first part", buckets=SECONDS, **own
        )
        self.feedback = Counter("genaiops_feedback", "Feedback by kind", ["kind"], **own)
        busy = Gauge("genaiops_answers_in_the_making", "Answers in the making", **own)
        waiting = Gauge("genaiops_requests_waiting", "Requests that wait for their turn", **own)
        self.ready = Gauge("genaiops_ready", "1 while a verified release answers", **own)
        self.compared = Counter("genaiops_rollout_questions", "Questions of a rollout by what became", ["how"], **own)
        self.spans = Gauge("genaiops_spans_waiting", "Files of spans that no collector took yet", **own)
        self.stopped = Gauge("genaiops_serving_stopped", "1 while a person's stop holds", **own)
        self.switches = Gauge("genaiops_releases_opened", "Releases loaded since the start", **own)
        busy.set_function(lambda: places.busy)
        waiting.set_function(lambda: places.waiting)

    def answered(self, exchange: Exchange) -> None:
        self.answers.labels(exchange.finish).inc()
        self.seconds.observe(exchange.seconds)
        if exchange.first is not None:
            self.first.observe(exchange.first)
        self.tokens.labels("input").inc(exchange.read or 0)
        self.tokens.labels("output").inc(exchange.written or 0)
        for one in exchange.fired:
            self.rules.labels(one.stage, one.rule, one.action).inc()

    def text(self) -> bytes:
        return generate_latest(self.registry)
