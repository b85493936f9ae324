"""Which engine a configuration asks for, and what a run freezes of it."""

from __future__ import annotations

from typing import Any

import pytest

from evaluand.domain.model import TargetKind
from evaluand.errors import InvalidConfig
from evaluand.targets.catalog import EngineCatalog
from evaluand.targets.recorded import RecordedEngine

PIPELINE = TargetKind.PIPELINE


@pytest.fixture
def catalog() -> EngineCatalog:
    return EngineCatalog([RecordedEngine()], dict.fromkeys(TargetKind, "recorded"), {})


@pytest.mark.parametrize(
    "config", [{}, {"engine": None}, {"engine": {}}, {"engine": {"kind": None}}]
)
def test_without_a_name_the_default_engine_runs_and_is_written_down(
    catalog: EngineCatalog, config: dict[str, Any]
) -> None:
    assert catalog.engine(PIPELINE, config).name == "recorded"
    assert catalog.freeze(PIPELINE, config)["engine"]["kind"] == "recorded"


@pytest.mark.parametrize("kind", ["unheard-of", "", {}, [], 0, False, 7])
def test_what_names_no_engine_is_refused_with_the_ones_there_are(
    catalog: EngineCatalog, kind: Any
) -> None:
    with pytest.raises(InvalidConfig, match=r"Choose one of: recorded\. Path: engine\.kind"):
        catalog.engine(PIPELINE, {"engine": {"kind": kind}})


@pytest.mark.parametrize("engine", ["baseline", ["baseline"], 3])
def test_an_engine_that_is_no_object_is_refused(catalog: EngineCatalog, engine: Any) -> None:
    with pytest.raises(InvalidConfig, match="must be an object"):
        catalog.check(PIPELINE, {"engine": engine})
