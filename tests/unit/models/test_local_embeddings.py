from __future__ import annotations

import socket
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluand.errors import MissingExtra
from evaluand.models import local_embeddings
from evaluand.models.local_embeddings import DIMENSIONS, LocalEmbedder


def test_every_text_gets_a_row_of_length_one() -> None:
    rows = LocalEmbedder().embed(["an invoice", "a letter to a friend"])
    assert rows.shape == (2, DIMENSIONS)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)


def test_no_texts_give_no_rows() -> None:
    assert LocalEmbedder().embed([]).shape == (0, DIMENSIONS)


def test_a_blank_text_is_like_nothing() -> None:
    rows = LocalEmbedder().embed(["", " \n", "bank account"])
    assert not rows[0].any()
    assert not rows[1].any()
    assert rows[0] @ rows[2] == 0.0


def test_related_texts_are_nearer_than_unrelated_ones() -> None:
    cat, kitten, ledger = LocalEmbedder().embed(["a cat", "the kitten", "a ledger of payments"])
    assert cat @ kitten > cat @ ledger


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_row_depends_on_its_own_text_only(texts: list[str]) -> None:
    together = LocalEmbedder().embed(texts)
    alone = np.vstack([LocalEmbedder().embed([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-5)


def test_loading_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the embedder tried to use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    local_embeddings._model.cache_clear()
    assert LocalEmbedder().embed(["offline"]).any()


def test_the_weights_are_loaded_once_per_process() -> None:
    LocalEmbedder().embed(["first"])
    before = local_embeddings._model.cache_info().misses
    LocalEmbedder().embed(["second"])
    assert local_embeddings._model.cache_info().misses == before


def test_loading_leaves_logging_alone() -> None:
    code = (
        "import logging\n"
        "from evaluand.models.local_embeddings import LocalEmbedder\n"
        "LocalEmbedder().embed(['x'])\n"
        "assert logging.getLogger().handlers == [], logging.getLogger().handlers\n"
        "assert logging.getLogger().level == logging.WARNING\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_wordllama_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "wordllama", None)
    local_embeddings._model.cache_clear()
    with pytest.raises(MissingExtra, match=r"evaluand\[documents\]"):
        LocalEmbedder().embed(["x"])
