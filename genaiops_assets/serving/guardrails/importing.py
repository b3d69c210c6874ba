"""Configurations of NeMo Guardrails (`config.yml`) and guardrails-ai (a guard as JSON or YAML, a template, a `.rail`)
as our own, where they map.

Belongs here: reading them with their lines, and saying of each line what became of it. Does not belong here: the table
of what maps to what (`importing.yaml`), the command. Nothing of a file is run or fetched; a line that maps to nothing
is named, never dropped without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.parsers import expat

import yaml

from genaiops_assets.errors import Unusable

HERE, TABLE = "genaiops_assets.serving.guardrails", "importing.yaml"
ON_INPUT = ("msg_history", "messages", "prompt", "input", "instructions")
KEPT = ("rails", "guards", "validators")
SECRET = "SECRET"


@dataclass
class Imported:
    """`guards` and `settings` as `serving` of a use case has them; `notes`: (line, what is not the same);
    `unmapped`: (line, what stands there and why nothing here does it)."""

    guards: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    notes: list[tuple[int, str]] = field(default_factory=list)
    unmapped: list[tuple[int, str]] = field(default_factory=list)

    def to_yaml(self) -> str:
        """The section for a use case file."""
        said = {"guards": self.guards, **({"guard_settings": self.settings} if self.settings else {})}
        return yaml.safe_dump({"serving": said}, allow_unicode=True, sort_keys=False)

    def add(self, line: int, said: str, target: Mapping[str, str] | None) -> bool:
        """Note a rule that maps, or that it does not."""
        if target is None:
            self.unmapped.append((line, f"{said}: no rule here does this"))
            return False
        if target["rule"] not in self.guards:
            self.guards.append(target["rule"])
        if "note" in target:
            self.notes.append((line, f"{said} → {target['rule']}: {target['note']}"))
        return True

    def tell(self, rule: str, name: str, value: Any) -> None:
        """Tell a rule something; lists grow."""
        own = self.settings.setdefault(rule, {})
        own[name] = list(dict.fromkeys([*own.get(name, []), *value])) if isinstance(value, list) else value


def imported_guardrails(file: Path) -> Imported:
    """What a file says, as ours. Raises Unusable where it is neither of the two."""
    text = file.read_text("utf-8")
    if text.lstrip().startswith("<"):
        return _of_rail(text, file)
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise Unusable(f"{file}: {error}") from None
    found = Imported()
    if not isinstance(tree, yaml.MappingNode) or not set(KEPT) & {key.value for key, _ in tree.value}:
        raise Unusable(f"{file}: neither rails (NeMo Guardrails) nor guards or validators (guardrails-ai) stand in it")
    parts = {key.value: (key, value) for key, value in tree.value}
    if "rails" in parts:
        _of_nemo(parts, found)
    else:
        _of_guards(parts, found)
    return found


# --- NeMo Guardrails --------------------------------------------------------------------------------------------------


def _of_nemo(parts: Mapping[str, Any], found: Imported) -> None:
    for name, (key, value) in parts.items():
        if name == "models":
            _models(value, found)
        elif name == "rails":
            for inner, part in _items(value):
                _rails(inner, part, found)
        elif name != "sensitive_data_detection":
            _unneeded(key, found, "prompts and dialogues are the use case's own (prompts), or there is nothing like it")


def _rails(key: yaml.Node, part: yaml.Node, found: Imported) -> None:
    name = str(key.value)
    if name == "config":
        for inner, value in _items(part):
            if inner.value == "sensitive_data_detection":
                _entities(value, found)
            else:
                _unneeded(inner, found, "limits of another system's detector say nothing of ours")
    elif name in ("input", "output"):
        for inner, value in _items(part):
            if inner.value == "flows":
                for flow in _list(value):
                    bare = re.sub(r"\s*\$\w+\s*=.*$", "", str(flow.value)).strip()
                    found.add(_line(flow), f"{name}: {flow.value}", table()["flows"][name].get(bare))
            else:
                _unneeded(inner, found, f"rails.{name}.{inner.value}")
    else:
        for inner, value in _items(part):
            rows = _list(value) if inner.value == "flows" else [inner]
            for row in rows:
                found.add(_line(row), f"{name}: {row.value}", None)


def _models(value: yaml.Node, found: Imported) -> None:
    for model in _list(value):
        said = _plain(model)
        kind, given = said.get("type", ""), said.get("parameters") or {}
        url = given.get("openai_api_base") or given.get("base_url") or said.get("base_url")
        if kind == "llama_guard" and url:
            found.settings["llama_guard"] = {"url": url, "model": given.get("model_name") or said.get("model") or ""}
        elif kind == "llama_guard":
            found.notes.append((_line(model), "llama_guard: no address stands there (guard_settings.llama_guard.url)"))
        else:
            found.unmapped.append((_line(model), f"model {kind or '?'}: the model is the use case's (model.base)"))


def _entities(value: yaml.Node, found: Imported) -> None:
    for side, part in _items(value):
        for inner, stated in _items(part):
            if inner.value != "entities":
                _unneeded(inner, found, "patterns with checksums have no score and no token of their own")
                continue
            for entity in _list(stated):
                kind = table()["entities"].get(entity.value)
                if kind is None:
                    why = "names and places are found with privacy.ner, not by a guard" if side.value == "input" else ""
                    found.unmapped.append((_line(entity), f"{side.value}: {entity.value}: no kind here. {why}".strip()))
                elif side.value == "input":
                    found.tell("question_personal_data", "kinds", [kind])


def _unneeded(key: yaml.Node, found: Imported, otherwise: str) -> None:
    why = table()["unneeded"].get(key.value)
    (found.notes if why else found.unmapped).append((_line(key), f"{key.value}: {why or otherwise}"))


# --- guardrails-ai ----------------------------------------------------------------------------------------------------


def _of_guards(parts: Mapping[str, Any], found: Imported) -> None:
    if "guards" in parts:
        for guard in _list(parts["guards"][1]):
            _of_guards({key.value: (key, value) for key, value in _items(guard)}, found)
        return
    for validator in _list(parts["validators"][1]) if "validators" in parts else ():
        _validator(_plain(validator), _line(validator), found)
    if "output_schema" in parts and _plain(parts["output_schema"][1]) not in ({"type": "string"}, {}):
        found.unmapped.append((_line(parts["output_schema"][0]), "output_schema: answers are text, not JSON"))


def _validator(said: Mapping[str, Any], line: int, found: Imported) -> None:
    full, on = str(said.get("id", "?")), str(said.get("on", "$"))
    stage, name = ("input" if on in ON_INPUT else "output"), full.rpartition("/")[2].replace("-", "_").casefold()
    if said.get("onFail") == "noop":
        found.unmapped.append((line, f"{full}: onFail noop only reports; a rule here holds back, or is not on"))
        return
    if not found.add(line, f"{full} on {on}", table()["validators"][stage].get(name)):
        return
    for key, value in (said.get("kwargs") or {}).items():
        if not _told(stage, name, key, value, found):
            found.unmapped.append((line, f"{full}: {key}: {value!r} says nothing of a rule here"))
    if name == "secrets_present" and stage == "input":
        found.tell("question_personal_data", "kinds", [SECRET])


def _told(stage: str, name: str, key: str, value: Any, found: Imported) -> bool:
    """What an argument of a validator tells our rule, if anything."""
    match (name, key):
        case ("detect_pii" | "guardrails_pii", "pii_entities" | "entities") if isinstance(value, list):
            kinds = [table()["entities"].get(one) for one in value]
            if stage == "input" and any(kinds):
                found.tell("question_personal_data", "kinds", [kind for kind in kinds if kind])
            return all(kinds)
        case ("restricttotopic", "invalid_topics"):
            found.tell("question_topic", "forbidden", list(value))
        case ("competitor_check", "competitors") | ("ban_list", "banned_words"):
            found.tell("answer_advice", "phrases", list(value))
        case ("valid_length", "max") if isinstance(value, int):
            found.tell("question_length" if stage == "input" else "answer_format", "characters", value)
        case _:
            return False
    return True


def _of_rail(text: str, file: Path) -> Imported:
    """A `.rail`: validators stand in attributes, as `guardrails/ban_list: banned_words=['a']; other`. Entities of a
    document type are refused, so none is expanded."""
    found, parser = Imported(), expat.ParserCreate()

    def started(tag: str, attributes: dict[str, str]) -> None:
        stated = attributes.get("validators") or attributes.get("format") or ""
        for part in filter(None, (one.strip() for one in stated.split(";"))):
            name, _, arguments = part.partition(":")
            on_fail = next((v for k, v in attributes.items() if k.startswith("on-fail")), "")
            kwargs = {"arguments": arguments.strip()} if arguments.strip() else {}
            told = {"id": name.strip(), "onFail": on_fail, "on": tag, "kwargs": kwargs}
            _validator(told, parser.CurrentLineNumber, found)
        if tag in ("prompt", "instructions", "messages", "message"):
            found.unmapped.append((parser.CurrentLineNumber, f"<{tag}>: prompts are the use case's own (prompts)"))

    def refused(*declared: Any) -> None:
        raise Unusable(f"{file}: a .rail with a document type is not read")

    parser.StartElementHandler, parser.StartDoctypeDeclHandler = started, refused
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise Unusable(f"{file}: {error}") from None
    return found


# --- the tree ---------------------------------------------------------------------------------------------------------


def _items(node: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    yield from node.value if isinstance(node, yaml.MappingNode) else ()


def _list(node: yaml.Node) -> list[Any]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _plain(node: yaml.Node) -> Any:
    """The value of a node, as YAML reads it."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


@cache
def table() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(files(HERE).joinpath(TABLE).read_text("utf-8"))
    return found
