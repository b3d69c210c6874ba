"""Asset `outside_endpoints`: each server a use case may send text to, what goes there, of which class, how often."""

from collections import Counter
from typing import Any

import dagster as dg

from genaiops_assets.governance.outside import (
    PASSAGES,
    Endpoint,
    endpoints_of,
    passages_by_class,
    restricted,
    restricted_in_words,
)
from genaiops_assets.lake import Artifact, Lake, Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.serving import sent_upstream
from genaiops_assets.use_case import UseCase

NAME = "outside_endpoints"
FILE = f"{NAME}.json"
NOT_COUNTED = -1  # how often is not on record


def outside_endpoints_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "monitoring")(
        name=NAME,
        kinds={"json"},
        parts=["embeddings_index"],
        article="article-15.5",
        code_version="1",
        description="Every server that this use case may send text to (embedding, upstream, guards, judges), what kind "
        "of text goes there, which classes of passages it may read, and how many passages of each class and answers "
        "it was given. Nothing leaves by any other way than these.",
    )
    def outside_endpoints(making: Making) -> dg.MaterializeResult:
        lake, asset = making.lake, uc.key("embeddings_index")
        report = told(lake, uc, lake.current(asset) if lake.heads.get(asset) else None)

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, report)
            rows = [shown(one) for one in report["endpoints"]]
            outside = [one for one in report["endpoints"] if one["where"] == "outside"]
            wrong = restricted_in_words(report["endpoints"])
            figures = {"endpoints": len(rows), "outside": len(outside), "restricted": "; ".join(wrong) or "none"}
            return Built(figures, {"endpoints": rows} if rows else {})

        return making.produce(build, config=report)

    @check(
        uc,
        NAME,
        description="No server outside is sent passages of a class that it may not read (`privacy.may_leave`, and "
        "`serving.gateway.upstream.access`), by the classes of the use case file today.",
    )
    def restricted_text_stays_here(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = restricted_in_words(report_of(platform.lake, uc)["endpoints"])
        return data_gate(not found, restricted="; ".join(found[:10]) or "none")

    @check(uc, NAME, description="Text for a server outside travels encrypted (https).")
    def text_travels_encrypted(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        rows = report_of(platform.lake, uc)["endpoints"]
        plain = [one["url"] for one in rows if one["where"] == "outside" and not one["encrypted"]]
        return notice(not plain, plain=", ".join(plain) or "none")

    return [outside_endpoints, restricted_text_stays_here, text_travels_encrypted]


def report_of(lake: Lake, uc: UseCase) -> dict[str, Any]:
    return lake.current(uc.key(NAME)).json(FILE)


def told(lake: Lake, uc: UseCase, index: Artifact | None) -> dict[str, Any]:
    """outside_endpoints.json. An upstream is counted by the log, an embedding by the index; guards and judges keep no
    count of their own, so all that the index holds might have gone there where they read passages."""
    answers, sources = sent_upstream(lake, uc)
    sent, held = passages_by_class(uc, sources), passages_by_class(uc, indexed(lake, uc, index))
    rows = [one_told(e, answers, sent if e.what == "upstream" else held) for e in endpoints_of(uc)]
    return {
        "schema_version": 1,
        "kind": NAME,
        "use_case": uc.name,
        "may_leave": list(uc.privacy.may_leave),
        "endpoints": rows,
    }


def one_told(endpoint: Endpoint, answers: int, passages: dict[str, int]) -> dict[str, Any]:
    reads = PASSAGES in endpoint.sends
    return {
        **endpoint.to_dict(),
        "answers": answers if endpoint.what == "upstream" else NOT_COUNTED,
        "passages": passages if reads else {},
        "counted_by": "the log" if endpoint.what == "upstream" else "the index: what may be sent" if reads else "-",
        "restricted": restricted(endpoint, passages),
    }


def shown(one: dict[str, Any]) -> dict[str, Any]:
    """A row for people: lists in words."""
    return {
        "what": one["what"],
        "url": one["url"],
        "where": one["where"],
        "sends": ", ".join(one["sends"]),
        "may read": ", ".join(one["access"]),
        "passages": ", ".join(f"{count} {name}" for name, count in one["passages"].items()) or "none",
        "answers": "not counted" if one["answers"] == NOT_COUNTED else one["answers"],
        "restricted": ", ".join(f"{count} {name}" for name, count in one["restricted"].items()) or "none",
    }


def indexed(lake: Lake, uc: UseCase, index: Artifact | None) -> dict[str, int]:
    """{source: passages} of the index as it is."""
    if index is None:
        return {}
    rows = lake.tables.rows(index.snapshot(uc.key("embeddings_index")), ["source"])
    return dict(Counter(r["source"] for r in rows))
