"""What code makes an asset: the modules and libraries whose change makes its output anew.

Belongs here: the one declaration for each asset, from which both Dagster's code version and the memo key follow. Does
not belong here: inputs and settings, which the memo key holds beside it. An edit without a raised number, or a new
release of a library, is other work and no memo hit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
SOURCES = (".py", ".j2", ".yaml", ".json")


@dataclass(frozen=True)
class Code:
    """`modules`: files or folders below the package, without `.py`; `libraries`: names of distributions."""

    modules: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


TRAINING = Code(
    (
        "alignment/methods",
        "alignment/inputs",
        "alignment/fitting",
        "alignment/reference",
        "alignment/staging",
        "models/local",
        "models/chat",
        "models/prompts",
        "payloads/train_model",
    ),
    ("torch", "transformers", "trl", "peft", "bitsandbytes"),
)
JUDGING = Code(
    ("evaluation", "statistics", "models/generating", "models/chat", "models/prompts", "payloads/evaluate_model"),
    ("torch", "transformers", "scipy"),
)
DOCUMENT = ("governance/documents/base",)
CROISSANT = ("governance/documents/croissant", "governance/documents/content_classes")
MADE_BY = {
    "use_case_scope": Code(),
    "success_criteria": Code(),
    "records": Code(("governance/records",)),
    "prompts": Code(("models/prompts", "models/packaged_prompts.yaml")),
    "golden_set": Code(("evaluation/golden",)),
    "documents": Code(
        (
            "corpus/ingest",
            "corpus/documents",
            "corpus/last_state",
            "corpus/rights",
            "corpus/read",
            "corpus/schemas",
            "payloads/ingest_documents",
        ),
        ("polars", "pypdf", "python-docx", "selectolax"),
    ),
    "filtered_corpus": Code(
        (
            "corpus/filtering",
            "corpus/engine",
            "corpus/workers",
            "corpus/plan",
            "corpus/stages",
            "corpus/recipe",
            "corpus/statistics",
            "corpus/word_counts",
            "corpus/schemas",
            "corpus/operators",
            "corpus/decontamination",
            "privacy",
            "text",
            "payloads/filter_corpus",
        ),
        ("py-data-juicer", "polars", "ftfy"),
    ),
    "data_quality_report": Code(("quality",), ("great-expectations",)),
    "decontamination_report": Code(("corpus/decontamination", "corpus/test_items", "corpus/read", "text")),
    "pii_probe_set": Code(("privacy", "text")),
    "toxicity_probe_set": Code(
        (
            "corpus/toxicity",
            "corpus/operators",
            "corpus/recipe",
            "corpus/decontamination",
            "corpus/plan",
            "corpus/schemas",
            "payloads/probe_toxicity",
        ),
        ("py-data-juicer",),
    ),
    "privacy_record": Code(("privacy", "text", "governance/documents/privacy_record", "payloads/scan_privacy")),
    "corpus_profile": Code(("corpus/profile", "corpus/word_counts", "payloads/profile_corpus")),
    "datasheet": Code(
        (
            *DOCUMENT,
            "governance/documents/datasheet",
            "governance/documents/datasheet_questions.yaml",
            "governance/documents/corpus_facts",
        )
    ),
    "data_bias_log": Code((*DOCUMENT, "governance/documents/data_bias")),
    "croissant_metadata": Code((*DOCUMENT, *CROISSANT)),
    "dataset_card": Code(
        (
            *DOCUMENT,
            *CROISSANT,
            "governance/documents/dataset_card",
            "governance/documents/corpus_facts",
            "governance/documents/hub",
        )
    ),
    "training_content_summary": Code(
        (
            *DOCUMENT,
            "governance/documents/content_summary",
            "governance/documents/content_template.yaml",
            "governance/documents/content_classes",
            "governance/documents/hub",
        )
    ),
    "plain_page": Code((*DOCUMENT, "governance/documents/plain_page")),
    "chunks": Code(
        (
            "retrieval/chunking",
            "retrieval/outline",
            "retrieval/embedded_data",
            "retrieval/embedding",
            "retrieval/prompts",
            "payloads/chunk_documents",
        ),
        ("tokenizers",),
    ),
    "embeddings_index": Code(
        (
            "retrieval/embedding",
            "retrieval/prompts",
            "retrieval/onnx_embedding",
            "retrieval/static_embedding",
            "retrieval/index_choice",
            "retrieval/agreement",
            "retrieval/terms",
            "payloads/embed_chunks",
        ),
        ("lancedb", "sentence-transformers", "torch"),
    ),
    "retrieval_report": Code(("evaluation", "statistics", "retrieval", "payloads/compare_retrieval"), ("lancedb",)),
    "base_model": Code(("models/local", "payloads/prepare_base"), ("transformers", "gguf")),
    "preference_pairs": Code(
        (
            "alignment/pairs",
            "alignment/demonstrations",
            "alignment/feedback",
            "alignment/observed",
            "models",
            "payloads/make_pairs",
        ),
        ("torch", "transformers"),
    ),
    "model_plan": Code(),
    "aligned_checkpoint": TRAINING,
    "reward_model": TRAINING,
    "precision_report": Code(
        (
            "alignment/precision",
            "alignment/inputs",
            "models/precision",
            "models/local",
            "models/chat",
            "models/prompts",
            "payloads/compare_precisions",
        ),
        ("torch", "transformers", "peft", "bitsandbytes"),
    ),
    "evaluation_plan": Code(("evaluation/plan",)),
    "eval_report": JUDGING,
    "answer_changes": Code(("evaluation/changes",)),
    "tuning_losses": Code(
        (
            "evaluation/losses",
            "evaluation/measure",
            "evaluation/refusals",
            "statistics",
            "text",
            "models/likelihood",
            "models/local",
            "models/prompts",
            "payloads/measure_losses",
        ),
        ("torch", "transformers", "peft", "bitsandbytes"),
    ),
    "production_evaluation": JUDGING,
    "model_card": Code(
        ("governance/documents/model_card", "governance/documents/corpus_facts", "governance/documents/hub")
    ),
    "release_bundle": Code(("governance/release/bundle",)),
    "release_decision": Code(("evaluation/gates", "evaluation/measure")),
    "coverage_matrix": Code(("governance/compliance", "governance/documents/templates")),
    "internal_review": Code(("governance/compliance/review", "governance/documents/templates")),
    "interactions": Code(("serving/interactions",)),
    "cost_report": Code(("governance/costs", "use_case/prices", "use_case/base")),
    "drift_report": Code(("drift", "statistics", "payloads/measure_drift"), ("scipy", "scikit-learn")),
}
PAGES = ("governance/documents/templates", "evidence/render")


def code_digest(name: str) -> str:
    """Twelve digits for the code of an asset; documents add what renders their pages, and checkpoints of all
    stages are made by the same. An asset of another package counts by its own module only."""
    code = MADE_BY.get(name) or (TRAINING if name.endswith("_checkpoint") else Code())
    rendered = PAGES if any(module.startswith("governance/documents/") for module in code.modules) else ()
    return digest_of_code((*code.modules, *rendered), code.libraries)


def version_of(name: str, number: str) -> str:
    """`number+digest`: the code version of an asset, in Dagster and in memo keys."""
    return f"{number}+{code_digest(name)}"


@cache
def digest_of_code(modules: tuple[str, ...], libraries: tuple[str, ...], root: Path = PACKAGE) -> str:
    """Twelve digits over the bytes of the modules and the versions of the libraries. Raises FileNotFoundError naming a
    module that is not there."""
    parts = [
        f"{path.relative_to(root).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in files(modules, root)
    ]
    parts += [f"{library} {installed(library)}" for library in libraries]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def files(modules: tuple[str, ...], root: Path) -> list[Path]:
    found: set[Path] = set()
    for module in modules:
        path = root / module
        if path.is_dir():
            found.update(p for p in path.rglob("*") if p.suffix in SOURCES)
        else:
            found.add(path if path.suffix in SOURCES else path.with_suffix(".py"))
    lost = sorted(str(path) for path in found if not path.exists())
    if lost:
        raise FileNotFoundError(f"{', '.join(lost)}: named in orchestration/code.py and not there")
    return sorted(found)


@cache
def installed(library: str) -> str:
    """The version of a library, "" where it is not installed."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""
