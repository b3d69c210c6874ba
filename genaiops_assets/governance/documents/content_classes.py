"""Which class of the training-content summary a source belongs to: as its owner says, or by a stated rule.

Belongs here: the rule. Does not belong here: the summary (`content_summary.py`) or the names of the classes
(`use_case/documents.py`)."""

from __future__ import annotations

from typing import Any, NamedTuple, get_args

from genaiops_assets.errors import Unusable
from genaiops_assets.use_case import ContentClass, UseCase

CLASSES: tuple[str, ...] = get_args(ContentClass)
SECTIONS = {
    "public_dataset": "2.1",
    "licensed": "2.2.1",
    "private_third_party": "2.2.2",
    "crawled": "2.3",
    "user_data": "2.4",
    "synthetic": "2.5",
    "other": "2.6",
}
INBOX = "inbox"
RULES = {
    "stated": {"en": "stated in the use case", "zh": "用例中已注明"},
    "own_work": {
        "en": "rights_basis own_work: made by its owner, so other (2.6)",
        "zh": "rights_basis own_work：自有作品，归入其他（2.6）",
    },
    "contract": {
        "en": "rights_basis contract: licensed from its holder (2.2.1)",
        "zh": "rights_basis contract：向权利人取得许可（2.2.1）",
    },
    "tdm_exception": {
        "en": "rights_basis tdm_exception: taken from what is openly accessible, so crawled (2.3)",
        "zh": "rights_basis tdm_exception：取自公开可访问的内容，归入抓取（2.3）",
    },
    "not_public": {
        "en": "a licence that is not a public one (LicenseRef-, proprietary, other): private third party (2.2.2)",
        "zh": "非公开许可（LicenseRef-、proprietary、other）：第三方私有数据（2.2.2）",
    },
    "public": {
        "en": "a public licence or the public domain: a data set that others can get, too (2.1)",
        "zh": "公开许可或公有领域：他人亦可取得的数据集（2.1）",
    },
}
_NOT_PUBLIC = ("licenseref-", "proprietary", "other", "unknown", "none")


class Classified(NamedTuple):
    content_class: str
    rule: str


def classify(source: dict[str, Any], stated: str | None = None) -> Classified:
    """The class of a source with {license, rights_basis}, and the name of the rule that gave it. ValueError for a
    class that does not exist."""
    if stated is not None:
        if stated not in CLASSES:
            raise Unusable(f"content_class {stated!r} is none of {', '.join(CLASSES)}")
        return Classified(stated, "stated")
    if source["rights_basis"] in ("own_work", "contract", "tdm_exception"):
        named = {"own_work": "other", "contract": "licensed", "tdm_exception": "crawled"}
        return Classified(named[source["rights_basis"]], source["rights_basis"])
    if source["license"].lower().startswith(_NOT_PUBLIC):
        return Classified("private_third_party", "not_public")
    return Classified("public_dataset", "public")


def classes_of(use_case: UseCase, sources: list[dict[str, Any]]) -> dict[str, Classified]:
    """The class of every source of the corpus statistics, by name; the inbox goes by its own rights."""
    stated = {s.name: s.content_class for s in use_case.sources}
    return {s["name"]: classify(s, stated.get(s["name"])) for s in sources}


def crawled_sources(use_case: UseCase) -> list[str]:
    """Names of the sources whose domains count."""
    feeds = [{"name": s.name, **s.model_dump(include={"license", "rights_basis"})} for s in use_case.sources]
    feeds.append({"name": INBOX, **use_case.inbox.model_dump(include={"license", "rights_basis"})})
    return sorted(name for name, found in classes_of(use_case, feeds).items() if found.content_class == "crawled")
