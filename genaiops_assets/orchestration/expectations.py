"""Great Expectations as Dagster checks: each expectation is one check, visible and blocking on its own; one pass over
the table serves all.

Belongs here: the adapter between `genaiops_assets.quality` and asset checks, and which snapshot is compared with
which. Does not belong here: how an expectation is evaluated, or which ones a table must meet (those stand beside the
assets and in `quality/suites.py`).

One op carries all checks of an asset. In Dagster 1.13.27 a blocking check of a `multi_asset_check` holds back what
lies downstream, in the run and in automation, and the op yields every result before it fails;
`tests/assets/test_expectations.py` holds it to that. dagster-ge is for GX below 1.0."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from genaiops_assets.lake import Lake, Snapshot, digest_of
from genaiops_assets.orchestration.gates import declare_gate, record_outcomes
from genaiops_assets.orchestration.phases import urgency
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.quality import Expectation, Outcome, length_counts, length_shift, name_of, sentence, validate
from genaiops_assets.use_case import UseCase

SHIFT = "gx_text_characters_band_kl_divergence_to_be_less_than"
REMEMBERED: dict[str, list[Outcome]] = {}  # of this process; a snapshot's digest says all about its rows
MOST_REMEMBERED = 32


def expectation_checks(
    uc: UseCase,
    asset: str,
    suite: Sequence[Expectation],
    *,
    blocking: bool = True,
    table: str | None = None,
    shift: bool = False,
) -> list[Any]:
    """One check for each (expectation class, arguments) on the snapshot of `table` (the asset's own by default).
    `shift` adds a warning when the lengths of the texts moved away from the last snapshot's."""
    key, table = dg.AssetKey([uc.name, asset]), table or asset
    specs = [
        dg.AssetCheckSpec(name_of(name, arguments), asset=key, blocking=blocking, description=sentence(name, arguments))
        for name, arguments in suite
    ]
    if shift:
        most = uc.corpus.quality.max_length_shift
        description = f"Great Expectations: the lengths of the texts diverge from the last snapshot's by {most} at most"
        specs.append(dg.AssetCheckSpec(SHIFT, asset=key, description=description))
    gates = {s.name for s in specs if s.blocking}
    for gate in gates:
        declare_gate(uc, asset, gate)
    severities = {s.name: dg.AssetCheckSeverity.ERROR if s.blocking else dg.AssetCheckSeverity.WARN for s in specs}

    @dg.multi_asset_check(
        name=f"{uc.name}__{asset}__expectations", specs=specs, can_subset=True, op_tags=urgency(asset)
    )
    def expectations(context: dg.AssetCheckExecutionContext, platform: Platform) -> Iterator[dg.AssetCheckResult]:
        wanted = {k.name for k in context.selected_asset_check_keys}
        outcomes = outcomes_of(platform.lake, uc, asset, table, suite, shift)
        judged = {name_of(o.expectation, o.arguments): o.success for o in outcomes}
        record_outcomes(platform.lake, uc, asset, None, {n: p for n, p in judged.items() if n in gates})
        for outcome in outcomes:
            name = name_of(outcome.expectation, outcome.arguments)
            if name in wanted:
                yield dg.AssetCheckResult(
                    asset_key=key,
                    check_name=name,
                    passed=outcome.success,
                    severity=severities[name],
                    metadata=metadata_of(outcome),
                )

    return [expectations]


def outcomes_of(
    lake: Lake, uc: UseCase, asset: str, table: str, suite: Sequence[Expectation], shift: bool
) -> list[Outcome]:
    """All outcomes on the current snapshot, computed once a process for the same snapshots and suite."""
    snapshot = lake.current(uc.key(asset)).snapshot(uc.key(table))
    earlier = earlier_snapshot(lake, uc, asset, table) if shift else None
    key = digest_of(
        [
            lake.url,
            snapshot.name,
            snapshot.digest,
            snapshot.version,
            earlier and earlier.digest,
            shift,
            json.dumps(suite),
        ]
    )
    if key not in REMEMBERED:
        while len(REMEMBERED) >= MOST_REMEMBERED:
            REMEMBERED.pop(next(iter(REMEMBERED)))
        REMEMBERED[key] = fresh_outcomes(lake, uc, snapshot, earlier, suite, shift)
    return REMEMBERED[key]


def fresh_outcomes(
    lake: Lake, uc: UseCase, snapshot: Snapshot, earlier: Snapshot | None, suite: Sequence[Expectation], shift: bool
) -> list[Outcome]:
    if not shift:
        return validate(lake.tables, snapshot, suite)
    counts = length_counts(lake.tables, earlier) if earlier else None
    if not counts:
        note = "nothing to compare with: no earlier snapshot with texts is left"
        untold = Outcome("ExpectColumnKLDivergenceToBeLessThan", {"column": "text_characters_band"}, True, note=note)
        return [*validate(lake.tables, snapshot, suite), untold]
    return validate(lake.tables, snapshot, [*suite, length_shift(counts, uc.corpus.quality.max_length_shift)])


def earlier_snapshot(lake: Lake, uc: UseCase, asset: str, table: str) -> Snapshot | None:
    """The table as the asset last published it before its current output; None when there was none, or it is gone."""
    key, now = uc.key(asset), lake.heads.digest(uc.key(asset))
    for entry in lake.ledger.newest_first():
        body = entry.body
        if (
            entry.kind == "materialized"
            and body["asset"] == key
            and body["partition"] is None
            and body["digest"] != now
        ):
            try:
                snapshot = lake.artifacts.get(key, body["digest"]).snapshot(uc.key(table))
                lake.tables.at(snapshot)
            except KeyError:
                return None
            return snapshot
    return None


def metadata_of(outcome: Outcome) -> dict[str, Any]:
    """Counts of what failed. Values themselves stay in the table: they may be text."""
    facts = {k: v for k, v in outcome.to_dict().items() if k not in ("arguments", "success")}
    return {**facts, "arguments": dg.MetadataValue.json(shown_arguments(outcome))}


def shown_arguments(outcome: Outcome) -> dict[str, Any]:
    return {k: v for k, v in outcome.arguments.items() if k != "meta"}
