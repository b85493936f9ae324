"""Which of a user's classes a document belongs to, found without a model or a network.

Evidence comes from titles, from typical phrases and from the similarity of meaning between the
text and the class descriptions (``class_evidence``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evaluand.domain.documents import Classification, Document
from evaluand.targets.documents.classes.evidence import Scores, reading_of, scores
from evaluand.targets.documents.classes.profiles import ClassProfile, profiles_of


def classify(documents: Sequence[Document], config: Mapping[str, Any]) -> Classification:
    """The class of ``documents``, taken as one, among ``config["classifications"]``.

    Each class has an ``id``, a ``type`` and a ``description``; sentences of
    ``config["classificationRules"]`` that name a type add to its description. A catch-all class
    ("other", "none of the other classes") wins when no other class has evidence. The confidence
    is the softmax of the classes' scores: the share of belief the class gets, from 0 to 1. It
    orders answers by how sure they are; it is not calibrated as a probability.

    Raises:
        InvalidConfig: the classes are missing or incomplete.
        MissingExtra: the packages for documents are not installed.
    """
    profiles = profiles_of(
        config.get("classifications"), config.get("classificationRules"), field="classifications"
    )
    pages = [page for document in documents for page in document.pages]
    return best_class(scores(reading_of(pages), profiles), profiles)


def best_class(found: Scores, profiles: Sequence[ClassProfile]) -> Classification:
    """The class with the highest score; of equals the first listed."""
    belief = np.exp(found - found.max())
    belief /= belief.sum()
    best = int(belief.argmax())
    return Classification(
        id=profiles[best].id, type=profiles[best].type, confidence=round(float(belief[best]), 4)
    )
