"""A base model that cannot work is refused before anything is made with it, with every reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genaiops_assets.compute import Job
from genaiops_assets.errors import PayloadError
from genaiops_assets.models import languages_of, load_model, why_unfit
from tests.support.tiny_model import NO_SYSTEM, tiny_model


def test_a_whole_model_is_fit(tmp_path: Path) -> None:
    assert why_unfit(tiny_model(tmp_path)) == []


def test_a_refused_system_role_is_no_obstacle(tmp_path: Path) -> None:
    assert why_unfit(tiny_model(tmp_path, template=NO_SYSTEM)) == []


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"template": None}, "no chat template"),
        ({"template": "{{ raise_exception('only one turn') }}"}, "refuses our conversation: only one turn"),
        ({"template": "{% for m in messages[:1] %}{{ m['content'] }}{% endfor %}"}, "leaves the question out"),
        ({"eos": None}, "no end token"),
        ({"eos": None, "pad": None}, "neither a padding token"),
        ({"rows": 200}, "tokens, the model's embedding only 200"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, what: dict, reason: str) -> None:  # type: ignore[type-arg]
    assert any(reason in problem for problem in why_unfit(tiny_model(tmp_path, **what)))


def test_pickles_are_no_weights(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert [p for p in why_unfit(folder) if "pickles only (pytorch_model.bin)" in p]


def test_missing_weights_are_named(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path)
    (folder / "model.safetensors").unlink()
    assert why_unfit(folder) == ["there are no weights: no *.safetensors"]
    (folder / "other.safetensors").touch()
    index = {"weight_map": {"a": "other.safetensors", "b": "model-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert "names 1 files that are not there, first model-00002.safetensors" in why_unfit(folder)[0]


def test_the_payload_refuses_with_all_reasons(tmp_path: Path) -> None:
    from genaiops_assets.payloads.prepare_base import work

    folder = tiny_model(tmp_path / "model", template=None, eos=None)
    base = {"ref": "dir:model", "path": str(folder), "digest": "0" * 64}
    job = Job("prepare_base", str(tmp_path), "", str(tmp_path), str(tmp_path), 1, 0, {"base": base}, {})
    with pytest.raises(PayloadError, match=r"dir:model cannot be the base model: .*no end token.*; .*no chat template"):
        work(job)


def test_the_check_lets_a_base_model_speak_and_tries_its_modules(tmp_path: Path) -> None:
    from genaiops_assets.payloads.check_checkpoint import work

    folder = tiny_model(tmp_path / "model", template=NO_SYSTEM)
    base = {"ref": "dir:model", "path": str(folder), "digest": "0" * 64}

    def checked(modules: str | list[str]) -> dict:  # type: ignore[type-arg]
        inputs = {"model": {"base": base}, "question": "What does a card cost?", "target_modules": modules}
        return work(Job("check", str(tmp_path), "", str(tmp_path), str(tmp_path), 1, 0, inputs, {"language": "en"}))

    good = checked("all-linear")
    assert good["problems"] == [] and good["loss"] > 0 and good["trainable"] > 0
    bad = checked(["c_attn"])
    assert bad["problems"][0].startswith("alignment.lora.target_modules: ") and "c_attn" in bad["problems"][0]


@pytest.mark.parametrize(("kind", "refused"), [("own_model", True), ("llama", False)])
def test_code_that_comes_with_a_model_is_refused_where_transformers_has_none(
    tmp_path: Path, kind: str, refused: bool
) -> None:
    """Where transformers knows the kind of model, its own code is used and the model's is never run."""
    folder = tiny_model(tmp_path)
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": kind, "auto_map": {"AutoModelForCausalLM": "someone/repo--modeling_own.OwnModel"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "modeling_own.py").write_text("raise SystemExit('this code was run')")
    found = [p for p in why_unfit(folder) if "code of its own (modeling_own.py), which is never run here" in p]
    assert bool(found) == refused
    assert refused or load_model(folder).config.model_type == "llama"


@pytest.mark.parametrize(
    ("card", "stated"),
    [
        ("---\nlanguage: [en, zh]\n---\n# A\n", ["en", "zh"]),
        ("---\nlanguage: en\n---\n", ["en"]),
        ("# A\n", []),
        ("---\n: [\n---\n", []),
    ],
)
def test_languages_are_what_the_card_states(tmp_path: Path, card: str, stated: list[str]) -> None:
    (tmp_path / "README.md").write_text(card)
    assert languages_of(tmp_path) == stated
