"""Prometheus rules and the Grafana dashboard, offline: each metric and label they name is one that the gateway has.

Belongs here: names and form. Does not belong here: whether the real servers load them (run by hand: `promtool check
rules`, Grafana's import); they are no packages of this project."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from genaiops_assets.serving.gateway.limits import Places
from genaiops_assets.serving.gateway.metrics import Metrics
from genaiops_assets.use_case import GatewayLimits
from tests.conftest import PROJECT

FOLDER = PROJECT / "infra" / "monitoring"
FUNCTIONS = {"sum", "rate", "increase", "by", "histogram_quantile", "and", "le", "up"}
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((FOLDER / "gateway_rules.yaml").read_text("utf-8"))["groups"]
    return list(group["rules"])


def panels() -> list[dict[str, Any]]:
    return list(json.loads((FOLDER / "gateway_dashboard.json").read_text("utf-8"))["panels"])


def expressions() -> list[str]:
    return [*(rule["expr"] for rule in rules()), *(t["expr"] for panel in panels() for t in panel["targets"])]


@pytest.fixture(scope="module")
def offered() -> dict[str, set[str]]:
    """{series: its labels} of a gateway that answered, was rated, stopped and compared once."""
    metrics = Metrics(Places(GatewayLimits()))
    for counter, labels in (
        (metrics.requests, ("chat", 200)),
        (metrics.answers, ("stop",)),
        (metrics.rules, ("input", "r", "blocked")),
        (metrics.tokens, ("input",)),
        (metrics.feedback, ("thumb",)),
        (metrics.compared, ("compared",)),
    ):
        counter.labels(*labels).inc()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize("expression", expressions())
def test_each_series_and_label_is_one_that_the_gateway_has(expression: str, offered: dict[str, set[str]]) -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    bare = re.sub(r'"[^"]*"', '""', re.sub(r"\[\w+\]", "", expression))
    grouped = {name for part in re.findall(r"by \(([^)]*)\)", bare) for name in NAME.findall(part)}
    selected = {name for part in re.findall(r"\{([^}]*)\}", bare) for name in NAME.findall(part)}
    named = set(NAME.findall(re.sub(r"\{[^}]*\}|by \([^)]*\)", "", bare))) - FUNCTIONS
    assert named <= offered.keys() | recorded, named
    labels = set().union(*(offered.get(name, set()) for name in named)) | {"job"}
    assert grouped | selected <= labels, (grouped, selected)
    assert bare.count("(") == bare.count(")")


def test_each_alert_says_what_to_do() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len({rule["alert"] for rule in alerts}) == len(alerts) >= 9
    assert {rule["labels"]["severity"] for rule in alerts} == {"page", "ticket"}
    assert all(rule["annotations"]["summary"] and rule["annotations"]["action"] for rule in alerts)


def test_panels_do_not_overlap_and_ask_the_chosen_source() -> None:
    places = [tuple(panel["gridPos"][k] for k in "xy") for panel in panels()]
    assert len(set(places)) == len(places) == 12
    assert {panel["datasource"]["uid"] for panel in panels()} == {"${source}"}
    assert all(target["expr"] for panel in panels() for target in panel["targets"])


def test_prometheus_reads_the_rules_that_are_there() -> None:
    told = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    assert all((FOLDER / name).exists() for name in told["rule_files"])
    (job,) = told["scrape_configs"]
    assert (
        job["metrics_path"] == "/metrics" and 'job="' + job["job_name"] in (FOLDER / "gateway_rules.yaml").read_text()
    )
