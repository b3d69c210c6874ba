"""What we call of TRL is there: every name we import, every keyword we pass, every part of a trainer we touch. An
upgrade that renames one fails here, not in a training."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import genaiops_assets
from genaiops_assets.alignment.methods.online import NOT_TAKEN

PACKAGE = Path(genaiops_assets.__file__).parent
TRAINERS = ("trainer", "made")  # what our methods call a TRL trainer


def sources() -> dict[str, str]:
    """Every module of ours that names TRL, with the room of training methods, which TRL's objects pass through."""
    found = {p.relative_to(PACKAGE).as_posix(): p.read_text("utf-8") for p in sorted(PACKAGE.rglob("*.py"))}
    return {name: text for name, text in found.items() if "trl" in text or name.startswith("alignment/methods/")}


def imported(tree: ast.AST) -> dict[str, Any]:
    """Our name → TRL's object. Raises AssertionError naming what TRL does not have."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "trl":
                    found[alias.asname or alias.name] = import_module(alias.name)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "trl":
            module = import_module(str(node.module))
            for alias in node.names:
                assert hasattr(module, alias.name), f"{node.module} has no {alias.name}"
                found[alias.asname or alias.name] = getattr(module, alias.name)
    return found


def passed(tree: ast.AST, names: dict[str, Any], shared: set[str]) -> Iterator[tuple[Any, str]]:
    """(TRL's object, keyword) of each call of one, directly or by `partial`; `**arguments(…)` passes `shared`."""
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        target = name_of(call.func)
        if target == "partial" and call.args:
            target = name_of(call.args[0])
        if target in names and callable(names[target]):
            for keyword in call.keywords:
                for word in [keyword.arg] if keyword.arg else sorted(shared):
                    yield names[target], word


def name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def keys_of(tree: ast.AST, function: str) -> set[str]:
    """Keys of the dictionary that a function of ours returns."""
    [found] = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == function]
    dictionaries = (n.value for n in ast.walk(found) if isinstance(n, ast.Return) and isinstance(n.value, ast.Dict))
    return {key.value for d in dictionaries for key in d.keys if isinstance(key, ast.Constant)}


def shared_arguments() -> set[str]:
    return keys_of(ast.parse(sources()["alignment/methods/lora.py"]), "arguments")


def unknown(source: str, shared: set[str]) -> list[str]:
    """Keywords that TRL's objects do not take."""
    tree = ast.parse(source)
    found = []
    for thing, word in passed(tree, imported(tree), shared):
        parameters = inspect.signature(thing).parameters
        if word not in parameters and not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            found.append(f"{thing.__name__} takes no {word}")
    return found


def touched(tree: ast.AST) -> set[str]:
    """Attributes of a trainer that a module reads or sets."""
    return {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and name_of(n.value) in TRAINERS}


def has(trainer: type, attribute: str) -> bool:
    """A method or property, or what `__init__` of it or of its parents sets."""
    texts = (inspect.getsource(kind) for kind in trainer.__mro__ if kind is not object)
    return hasattr(trainer, attribute) or any(f"self.{attribute}" in text for text in texts)


# --- the tests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "module", [name for name, text in sources().items() if "from trl" in text or "import trl" in text]
)
def test_trl_has_every_name_and_takes_every_keyword(module: str) -> None:
    source = sources()[module]
    told = shared_arguments() - (set(NOT_TAKEN) if "NOT_TAKEN" in source else set())
    assert unknown(source, told) == []


def test_all_that_is_passed_is_looked_at() -> None:
    """The search finds our calls: a rewording must not make this test empty."""
    found = set()
    for source in sources().values():
        tree = ast.parse(source)
        found |= {(thing.__name__, word) for thing, word in passed(tree, imported(tree), shared_arguments())}
    assert {("DPOConfig", "beta"), ("DPOConfig", "max_length"), ("SFTConfig", "completion_only_loss")} <= found
    assert {("DPOTrainer", "args"), ("SFTTrainer", "args")} <= found and len(shared_arguments()) > 15


def test_trainers_take_what_all_methods_hand_them() -> None:
    from trl import DPOTrainer, SFTTrainer

    [fit] = [
        n
        for n in ast.walk(ast.parse(sources()["alignment/methods/lora.py"]))
        if isinstance(n, ast.FunctionDef) and n.name == "fit"
    ]
    [call] = [n for n in ast.walk(fit) if isinstance(n, ast.Call) and name_of(n.func) == "trainer"]
    words = {str(k.arg) for k in call.keywords}
    assert {"model", "processing_class", "train_dataset", "peft_config", "callbacks"} <= words
    for trainer in (DPOTrainer, SFTTrainer):
        assert words - set(inspect.signature(trainer).parameters) == set()


def test_trainers_have_what_we_touch_of_them() -> None:
    from trl import DPOTrainer, SFTTrainer

    in_dpo = touched(ast.parse(sources()["alignment/methods/dpo.py"]))
    in_all = touched(ast.parse(sources()["alignment/methods/lora.py"]))
    assert {"compute_ref_log_probs", "precompute_ref_logps", "_prepare_inputs", "data_collator"} <= in_dpo
    assert {"train", "state", "train_dataset"} <= in_all
    assert [name for name in in_dpo | in_all if not has(DPOTrainer, name)] == []
    assert [name for name in in_all if not has(SFTTrainer, name)] == []


def test_what_an_upgrade_renames_is_caught() -> None:
    with pytest.raises(AssertionError, match="trl has no DpoTrainer"):
        unknown("from trl import DpoTrainer", set())
    renamed = "from trl import DPOConfig\nDPOConfig(**arguments(task), betta=1)"
    assert unknown(renamed, {"max_length", "max_len"}) == ["DPOConfig takes no max_len", "DPOConfig takes no betta"]
    partly = "from trl import SFTTrainer\nfrom functools import partial\npartial(SFTTrainer, arguments=1)"
    assert unknown(partly, set()) == ["SFTTrainer takes no arguments"]
    from trl import SFTTrainer

    assert not has(SFTTrainer, "compute_ref_log_probs")
