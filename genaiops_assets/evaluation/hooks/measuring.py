"""Measuring hooks on known texts.

Belongs here: calling each hook, counting, intervals. Does not belong here: what a good figure is (the check of the
asset)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from genaiops_assets.evaluation.hooks.base import HOOKS, Hook
from genaiops_assets.statistics import wilson

SCHEMA_VERSION = 1
LANGUAGES = ("en", "zh")


def hook_record(names: Iterable[str] | None = None) -> dict[str, Any]:
    """test_hooks.json: each hook with recall and false alarms by language, with Wilson's intervals, and the known texts
    that it gets wrong. Raises PluginError for a hook that cannot be used."""
    hooks: list[Hook] = [HOOKS.get(name) for name in (names or HOOKS.names())]
    return {"schema_version": SCHEMA_VERSION, "kind": "test_hooks", "hooks": [measured(hook) for hook in hooks]}


def measured(hook: Hook) -> dict[str, Any]:
    """One hook on its known texts. A hook that raises on a text is wrong there, and says how."""
    rows = [asked(hook, probe) for probe in hook.probes()]
    by_language = {language: rates([r for r in rows if r["language"] == language]) for language in LANGUAGES}
    return {
        "name": hook.name,
        "version": hook.version,
        "looks_for": hook.looks_for,
        "risk": hook.risk,
        "texts": len(rows),
        "all": rates(rows),
        "by_language": by_language,
        "wrong": [r for r in rows if r["said"] != r["holds"]],
    }


def asked(hook: Hook, probe: dict[str, Any]) -> dict[str, Any]:
    row = {name: probe.get(name, "") for name in ("text", "language", "holds", "why")}
    try:
        return {**row, "said": bool(hook(str(probe["text"])))}
    except Exception as error:  # somebody else's code, which must not hide the other hooks
        return {**row, "said": None, "why": f"raised {type(error).__name__}"}


def rates(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """{"recall", "false_alarms"}: of the texts that hold it those that were found, and of the others those that were
    found too; a text on which the hook raised is missed in the one and an alarm in the other."""
    holding, others = [r for r in rows if r["holds"]], [r for r in rows if not r["holds"]]
    found = sum(r["said"] is True for r in holding)
    alarms = sum(r["said"] is not False for r in others)
    return {"recall": wilson(found, len(holding)), "false_alarms": wilson(alarms, len(others))}


def weak_hooks(record: dict[str, Any], least_recall: float, most_alarms: float) -> list[str]:
    """Hooks that miss more or warn more often than allowed in a language, one sentence each."""
    found = []
    for hook in record["hooks"]:
        for language, figures in hook["by_language"].items():
            recall, alarms = figures["recall"], figures["false_alarms"]
            if not recall["n"] or not alarms["n"]:
                found.append(f"{hook['name']} has no known texts of both sorts in {language}")
            elif recall["mean"] < least_recall:
                found.append(f"{hook['name']} finds {recall['mean']:.0%} of {recall['n']} known texts in {language}")
            elif alarms["mean"] > most_alarms:
                found.append(
                    f"{hook['name']} warns of {alarms['mean']:.0%} of {alarms['n']} harmless texts in {language}"
                )
    return found
