"""Extend's words for what the core calls targets, versions, executions and statuses."""

from __future__ import annotations

from dataclasses import dataclass

from evaluand.domain.ids import PublicId, from_prefixed, to_prefixed
from evaluand.domain.model import RunStatus, TargetKind

API_VERSION = "2026-02-09"
# Where the dialect is served besides the root.
PREFIX = "/extend"

EVALUATION_SET = "ev"
ITEM = "evi"
RUN = "bpr"
FILE = "file"
WORKSPACE = "ws"
REQUEST = "req"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How one kind of processor is spoken of: its paths, object names, prefixes and members."""

    kind: TargetKind
    noun: str
    prefix: str
    version_prefix: str
    run_verb: str
    run_prefix: str
    metrics_type: str
    empty_config: dict[str, object]

    @property
    def article(self) -> str:
        """``a`` or ``an``."""
        return "an" if self.noun.startswith("e") else "a"

    @property
    def collection(self) -> str:
        """The path of the processors, as in ``extractors``."""
        return f"{self.noun}s"

    @property
    def owner_member(self) -> str:
        """The member that names the processor, as in ``extractor_id``."""
        return f"{self.noun}_id"

    @property
    def version_member(self) -> str:
        """The member that holds a version, as in ``extractor_version``."""
        return f"{self.noun}_version"

    @property
    def run_article(self) -> str:
        """``a`` or ``an`` before the verb."""
        return "an" if self.run_verb.startswith("e") else "a"

    @property
    def run_object(self) -> str:
        """The object name of a run, as in ``extract_run``."""
        return f"{self.run_verb}_run"

    @property
    def run_collection(self) -> str:
        """The path of the runs, as in ``extract_runs``."""
        return f"{self.run_verb}_runs"


EXTRACT = Words(
    kind=TargetKind.EXTRACTOR,
    noun="extractor",
    prefix="ex",
    version_prefix="exv",
    run_verb="extract",
    run_prefix="exr",
    metrics_type="EXTRACT",
    empty_config={
        "baseProcessor": "extraction_performance",
        "schema": {"type": "object", "properties": {}},
    },
)
CLASSIFY = Words(
    kind=TargetKind.CLASSIFIER,
    noun="classifier",
    prefix="cl",
    version_prefix="clv",
    run_verb="classify",
    run_prefix="clr",
    metrics_type="CLASSIFY",
    empty_config={"baseProcessor": "classification_standard", "classifications": []},
)
SPLIT = Words(
    kind=TargetKind.SPLITTER,
    noun="splitter",
    prefix="spl",
    version_prefix="splv",
    run_verb="split",
    run_prefix="splr",
    # Not SPLIT: the SDK drops metrics of a type it does not know.
    metrics_type="SPLITTER",
    empty_config={"baseProcessor": "splitting_performance", "splitClassifications": []},
)
ALL = (EXTRACT, CLASSIFY, SPLIT)
WORDS = {words.kind: words for words in ALL}
KINDS = frozenset(WORDS)

STATUS = {
    RunStatus.PENDING: "PENDING",
    RunStatus.RUNNING: "PROCESSING",
    RunStatus.SUCCEEDED: "PROCESSED",
    RunStatus.FAILED: "FAILED",
    RunStatus.CANCELLED: "CANCELLED",
}
STATUS_OF_WORD = {word: status for status, word in STATUS.items()}


def shown(prefix: str, public_id: PublicId) -> str:
    """An id as clients see it."""
    return to_prefixed(prefix, public_id)


def read(prefix: str, text: str | None) -> PublicId | None:
    """The id behind a client's text; None for any other text, which is then simply unknown."""
    return None if text is None else from_prefixed(prefix, text)


def read_processor(text: str | None) -> PublicId | None:
    """The id of a processor of any kind."""
    found = (read(words.prefix, text) for words in ALL)
    return next((public_id for public_id in found if public_id is not None), None)


def read_version(text: str | None) -> str | PublicId | None:
    """What names a version: a version's id, or a text such as ``draft``, ``latest``, ``1.0``."""
    found = (read(words.version_prefix, text) for words in ALL)
    return next((public_id for public_id in found if public_id is not None), text)
