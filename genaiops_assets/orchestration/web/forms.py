"""People's forms on their way in: a one-time code, or who signed in, becomes the seal of exactly this form.

Belongs here: finding the forms in what is to be launched. Does not belong here: what a seal is (`persons.py`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from genaiops_assets.errors import Refused
from genaiops_assets.orchestration.codes import Codes
from genaiops_assets.orchestration.persons import seal_form


def seal_launch(codes: Codes, params: dict[str, Any], person: str) -> None:
    """Put the seal into every form of a launch that gives a code, or that somebody who signed in hands in. Raises
    Refused for a code that is not good, or of somebody else."""
    given = params.get("runConfigData")
    config = _read(given) if isinstance(given, str) else given
    forms = list(_forms(config))
    for form in forms:
        _seal(codes, form, person)
    if forms:
        params["runConfigData"] = json.dumps(config) if isinstance(given, str) else config


def _read(text: str) -> Any:
    """The run configuration of the launchpad; what is no YAML is left to Dagster, which says so."""
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError):
        return None


def _forms(config: Any) -> Iterator[dict[str, Any]]:
    """Configurations of ops that name a person."""
    for section in ("ops", "solids"):
        ops = config.get(section) if isinstance(config, dict) else None
        for op in ops.values() if isinstance(ops, dict) else ():
            form = op.get("config") if isinstance(op, dict) else None
            if isinstance(form, dict) and isinstance(form.get("name"), str):
                yield form


def _seal(codes: Codes, form: dict[str, Any], person: str) -> None:
    code = form.get("code")
    if isinstance(code, str) and code.strip():
        claim = codes.redeem(code)
        if claim.name != form["name"]:
            raise Refused(f"this code was made for {claim.name!r}, the form says {form['name']!r}")
        form["code"] = seal_form(codes.home, form, claim.name, "code", claim.use_case)
    elif person:
        form["code"] = seal_form(codes.home, form, person, "signed_in")
