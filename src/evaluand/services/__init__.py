"""Use cases: what every face offers, in the words of the core."""

from __future__ import annotations

from dataclasses import dataclass

from evaluand.services.access import Access
from evaluand.services.blob_links import BlobLinks
from evaluand.services.drafts import Drafts
from evaluand.services.files import Files
from evaluand.services.runs import Runs
from evaluand.services.sets import Sets
from evaluand.services.targets import Targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All use cases, as the composition root built them."""

    access: Access
    files: Files
    blob_links: BlobLinks
    targets: Targets
    sets: Sets
    runs: Runs
    drafts: Drafts
