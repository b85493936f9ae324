"""The dialect as an application of its own: routes, the gate before them, errors, reference."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from evaluand.dialects import DialectSettings
from evaluand.dialects.extend import (
    batches,
    documentation,
    errors,
    evaluation_set_runs,
    evaluation_sets,
    files,
    items,
)
from evaluand.dialects.extend.gate import Gate
from evaluand.dialects.extend.processor_runs import processor_runs
from evaluand.dialects.extend.processors import processors
from evaluand.dialects.extend.versions import versions
from evaluand.dialects.extend.words import ALL
from evaluand.services import Services

# The first segments of the vendor's paths: the server sends these here from its root too.
ROOTS = frozenset(
    {
        "evaluation_sets",
        "evaluation_set_runs",
        "files",
        "batch_runs",
        "batch_processor_runs",
        *(words.collection for words in ALL),
        *(words.run_collection for words in ALL),
    }
)


def build(services: Services, settings: DialectSettings) -> FastAPI:
    """The application. It may be mounted anywhere, and more than once."""
    # A redirect to a path without its last slash would be a second request for every client.
    app = FastAPI(docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.services = services
    app.state.settings = settings
    app.add_middleware(Gate, access=services.access)
    errors.install(app)
    routers = _routers()
    for router in routers:
        app.include_router(router)
    documentation.install(app, routers)
    return app


def _routers() -> list[APIRouter]:
    """All endpoints, in the order in which the reference shows them."""
    return [
        evaluation_sets.router,
        items.router,
        evaluation_set_runs.router,
        *(make(words) for words in ALL for make in (processors, versions)),
        files.router,
        *(processor_runs(words) for words in ALL),
        batches.router,
    ]
