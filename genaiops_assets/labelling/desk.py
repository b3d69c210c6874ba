"""One rater at work on one set of items: what comes next, what was said, what is taken back.

Belongs here: the rules of rating, without a web page. Does not belong here: files (`ratings.py`, `preferences.py`),
requests (`web.py`)."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.alignment import visible
from genaiops_assets.errors import Refused, Unusable
from genaiops_assets.labelling.guideline import Guideline
from genaiops_assets.labelling.items import PAIRS, Item, Items
from genaiops_assets.labelling.order import Shown, order_for, sample
from genaiops_assets.labelling.preferences import Preferences
from genaiops_assets.labelling.ratings import CHOICES, Rating, RatingFile, new_id, now, ratings_folder
from genaiops_assets.lake import Lake
from genaiops_assets.privacy import redact
from genaiops_assets.text import canonical_name
from genaiops_assets.use_case import UseCase

READING = 238 / 60  # words a second, silent reading; source: Brysbaert 2019, J. Mem. Lang. 109
SKIMMING = 2.0  # nobody judges faster than at so many times that speed
LONGEST_EDIT = 8000  # characters
LONGEST_PAUSE = 24 * 3600.0  # seconds
_HALVES = re.compile("[\ud800-\udfff]")  # of a surrogate pair: no Unicode text
RECENT = 20  # ratings that the time left is estimated from


class AlreadyRated(Refused):
    """This rater has rated this item: nothing was written."""


@dataclass
class Desk:
    """`size`: items drawn from the set, None for all of them."""

    lake: Lake
    uc: UseCase
    items: Items
    rater: str
    guideline: Guideline
    seed: int = 0
    size: int | None = None
    order: list[Shown] = field(init=False)

    def __post_init__(self) -> None:
        drawn = sample(self.items.items, self.size, self.seed)
        self.order = order_for(canonical_name(self.rater), drawn, self.seed)
        self.file = RatingFile(ratings_folder(self.lake, self.uc), self.items.name, self.rater)
        self.preferences = Preferences(self.lake, self.uc, self.rater) if self.teaches else None
        with self.file.writing():
            self._settle()

    @property
    def teaches(self) -> bool:
        """Whether ratings become preferences: of pairs they do, of versions never, since what measures must not
        teach."""
        return self.items.kind == PAIRS

    def next(self) -> Shown | None:
        """The first item in this rater's order that they have not rated."""
        rated = {row.item for row in self.file.in_force()}
        return next((shown for shown in self.order if shown.item.digest not in rated), None)

    def rate(self, digest: str, choice: str, seconds: float, written: str = "", improved: str = "") -> Rating:
        """Record what was chosen of an item. `written`: for an edit, the better answer, and `improved`, left or right,
        the answer it came from. Raises Unusable for what cannot be recorded, AlreadyRated for a second time."""
        shown = self._shown(digest)
        if choice not in CHOICES:
            raise Unusable(f"no choice {choice!r}: {', '.join(CHOICES)}")
        side = improved if choice == "edit" else choice
        preferred = {"left": shown.left, "right": 1 - shown.left}.get(side)
        if choice == "edit":
            written = self._masked_edit(shown.item, preferred, written)
        with self.file.writing():
            rows = self.file.in_force()
            if any(row.item == digest for row in rows):
                raise AlreadyRated("rated already: u takes the last rating back")
            rating = self._rating(shown, choice, preferred, seconds)
            if self.preferences:
                self.preferences.say(shown, rating, written)
            self.file.append(rating)
        return rating

    def undo(self) -> Rating | None:
        """Take back this rater's newest rating of an item that is shown here; None where there is none."""
        here = {shown.item.digest for shown in self.order}
        with self.file.writing():
            rows = [row for row in self.file.in_force() if row.item in here]
            if not rows:
                return None
            self.file.append(self.file.taken_back(rows[-1]))
            self._settle()
        return rows[-1]

    def progress(self) -> dict[str, Any]:
        """{"done", "total", "skipped", "seconds_left"}; the last is None before the first rating."""
        here = {shown.item.digest for shown in self.order}
        rows = [row for row in self.file.in_force() if row.item in here]
        pace = statistics.median(row.seconds for row in rows[-RECENT:]) if rows else None
        left = len(here) - len(rows)
        return {
            "done": len(rows),
            "total": len(here),
            "skipped": sum(row.choice == "skip" for row in rows),
            "seconds_left": None if pace is None else round(pace * left),
        }

    def _rating(self, shown: Shown, choice: str, preferred: int | None, seconds: float) -> Rating:
        return Rating(
            id=new_id(),
            rater=self.rater,
            at=now(),
            set=self.items.name,
            item=shown.item.digest,
            origin=shown.item.origin,
            left=shown.left,
            choice=choice,
            preferred=preferred,
            sources=shown.item.sources,
            place=shown.place,
            seed=self.seed,
            guideline=self.guideline.version,
            seconds=round(min(max(seconds, 0.0), LONGEST_PAUSE), 2),
            least=round(shown.item.length / (SKIMMING * READING), 2),
        )

    def _masked_edit(self, item: Item, preferred: int | None, written: str) -> str:
        if not self.teaches:
            raise Unusable("versions are compared as they are: nothing can be edited")
        if preferred is None:
            raise Unusable("an edit improves the left or the right answer: say which")
        if not visible(written) or len(written) > LONGEST_EDIT or _HALVES.search(written):
            raise Unusable(f"an edited answer is Unicode text of 1 to {LONGEST_EDIT} characters")
        masked = redact([written], {"default": "mask"})[0].text.strip()
        if visible(masked) in map(visible, item.answers):
            raise Unusable("this is one of the two answers, unchanged: prefer it instead")
        return masked

    def _shown(self, digest: str) -> Shown:
        found = next((shown for shown in self.order if shown.item.digest == digest), None)
        if found is None:
            raise Unusable("no such item in this set: reload the page")
        return found

    def _settle(self) -> None:
        """Preferences follow the ratings in force."""
        if self.preferences:
            self.preferences.keep_only({row.id for row in self.file.in_force()})
