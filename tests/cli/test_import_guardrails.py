"""Configurations of others as ours: what maps is printed, and every line that does not is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from typer.testing import CliRunner

from genaiops_assets.cli.main import app
from genaiops_assets.serving import RULES, rules_named
from genaiops_assets.serving.guardrails.importing import table
from genaiops_assets.serving.guardrails.policy import GuardPolicy
from genaiops_assets.use_case import Serving

NEMO = """
models:
  - type: main
    engine: openai
    model: gpt-4o
  - type: llama_guard
    engine: vllm_openai
    parameters:
      openai_api_base: http://localhost:5123/v1
      model_name: meta-llama/LlamaGuard-7b
instructions:
  - type: general
    content: Be polite.
rails:
  config:
    sensitive_data_detection:
      input:
        entities: [PERSON, EMAIL_ADDRESS, CREDIT_CARD]
    jailbreak_detection:
      length_per_perplexity_threshold: 89.79
  input:
    parallel: false
    flows:
      - self check input
      - mask sensitive data on input
      - llama guard check input
      - content safety check input $model=content_safety
  output:
    flows:
      - self check facts
      - llama guard check output
    streaming:
      enabled: true
  retrieval:
    flows:
      - check retrieval relevance
"""
GUARD: dict[str, Any] = {
    "id": "chat",
    "name": "chat",
    "validators": [
        {"id": "guardrails/detect_jailbreak", "on": "messages", "onFail": "exception"},
        {
            "id": "guardrails/detect_pii",
            "on": "$",
            "onFail": "fix",
            "kwargs": {"pii_entities": ["PERSON", "PHONE_NUMBER"]},
        },
        {"id": "guardrails/ban_list", "on": "$", "kwargs": {"banned_words": ["Acme"], "max_l_dist": 1}},
        {"id": "guardrails/regex_match", "on": "$", "kwargs": {"regex": "^A"}},
        {"id": "guardrails/toxic_language", "on": "$", "onFail": "noop"},
        {"id": "guardrails/valid_length", "on": "messages", "kwargs": {"min": 1, "max": 900}},
    ],
    "output_schema": {"type": "object", "properties": {}},
}


def imported(file: Path, text: str) -> tuple[int, Serving, list[str]]:
    """(exit code, the printed section as the use case reads it, what was said beside it)"""
    file.write_text(text, "utf-8")
    result = CliRunner().invoke(app, ["import-guardrails", str(file)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    serving = Serving.model_validate(yaml.safe_load(result.stdout)["serving"])
    rules_named(serving.guards, GuardPolicy(serving.guard_settings))  # each is there and takes what it is told
    return result.exit_code, serving, click.unstyle(result.stderr).splitlines()


def line_of(text: str, words: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if words in line)


def test_a_nemo_configuration_maps_line_by_line(tmp_path: Path) -> None:
    code, serving, said = imported(tmp_path / "config.yml", NEMO)
    assert serving.guards == [
        "prompt_injection", "question_personal_data", "llama_guard", "answer_grounded", "llama_guard_answer",
    ]  # fmt: skip
    assert serving.guard_settings.question_personal_data.kinds == ["EMAIL", "CARD"]
    assert serving.guard_settings.llama_guard.url == "http://localhost:5123/v1"
    lost = [line for line in said if line.startswith("does not map")]
    for words in (
        "type: main",
        "instructions",
        "PERSON",
        "jailbreak_detection",
        "content safety",
        "retrieval relevance",
    ):
        assert any(line.startswith(f"does not map, line {line_of(NEMO, words)}:") for line in lost), words
    assert code == 1 and len(lost) == 6
    assert any("streaming: answers are always looked at" in line for line in said)


def test_a_guard_of_guardrails_ai_maps_as_json_and_as_a_template(tmp_path: Path) -> None:
    text = json.dumps(GUARD, indent=1)
    code, serving, said = imported(tmp_path / "guard.json", text)
    assert serving.guards == ["prompt_injection", "personal_data_masked", "answer_advice", "question_length"]
    assert serving.guard_settings.answer_advice.phrases == ["Acme"]
    assert serving.guard_settings.question_length.characters == 900
    lost = "\n".join(line for line in said if line.startswith("does not map"))
    for words in ("regex_match", "noop", "max_l_dist", "min: 1", "output_schema", "PERSON"):
        assert words in lost, words
    assert code == 1
    _, template, _ = imported(tmp_path / "template.json", json.dumps({"name": "t", "guards": [GUARD]}))
    assert template == serving


def test_a_rail_file_maps_and_one_with_a_document_type_is_refused(tmp_path: Path) -> None:
    rail = (
        '<rail version="0.1">\n<output>\n<string name="a" validators="guardrails/toxic_language: threshold=0.5; '
        'guardrails/valid_choices: x" on-fail-toxic_language="fix"/>\n</output>\n<prompt>Hi</prompt>\n</rail>'
    )
    code, serving, said = imported(tmp_path / "a.rail", rail)
    assert serving.guards == ["answer_toxicity"] and code == 1
    assert any("line 3: guardrails/valid_choices" in line for line in said) and any("<prompt>" in line for line in said)
    (tmp_path / "b.rail").write_text('<!DOCTYPE a [<!ENTITY b "c">]><rail>&b;</rail>')
    result = CliRunner().invoke(app, ["import-guardrails", str(tmp_path / "b.rail")])
    assert result.exit_code != 0 and "document type" in f"{result.output} {result.exception}"


def test_what_maps_whole_ends_with_nothing_lost(tmp_path: Path) -> None:
    code, serving, said = imported(tmp_path / "config.yml", "rails: {input: {flows: [detect sensitive data on input]}}")
    assert (code, serving.guards, said) == (0, ["question_personal_data"], [])


@pytest.mark.parametrize("text", ["a: 1", "- rails", "", "rails: [", "<rail>"])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.yml").write_text(text)
    result = CliRunner().invoke(app, ["import-guardrails", str(tmp_path / "config.yml")])
    assert result.exit_code != 0


def test_every_rule_of_the_table_is_one_of_ours() -> None:
    found = table()
    named = {one["rule"] for part in ("flows", "validators") for side in found[part].values() for one in side.values()}
    assert named <= set(RULES.built_in)
    wrong = {
        n: s
        for part in ("flows", "validators")
        for s, t in found[part].items()
        for n, one in t.items()
        if RULES.get(one["rule"]).stage != s
    }
    assert wrong == {}
