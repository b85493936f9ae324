"""The pages of an installation: their adapters, and the application that serves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluand.app.engines import limits_of
from evaluand.app.opening import SystemClock
from evaluand.documents.page_images import PooledPageImages
from evaluand.services.page_images import DocumentPages
from evaluand.services.results import Results
from evaluand.services.sessions import Sessions
from evaluand.settings import secret_of
from evaluand.store.blobs import DiskBlobs
from evaluand.web.application import build_pages
from evaluand.web.parts import Parts

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from evaluand.app.installation import App


def pages_of(app: App) -> ASGIApp:
    """The web pages over an installation's use cases."""
    settings, services, clock = app.settings, app.services, SystemClock()
    images = PooledPageImages(
        pool=app.pools.looking,
        blobs=DiskBlobs(settings.data / "files"),
        limits=limits_of(settings),
        folder=settings.data / "pictures",
        timeout_s=settings.upload_timeout_s,
    )
    sessions = Sessions(
        store=app.store.access,
        access=services.access,
        clock=clock,
        secret=secret_of(settings),
    )
    parts = Parts(
        services=services,
        sessions=sessions,
        results=Results(services.runs),
        documents=DocumentPages(files=services.files, images=images),
        now=clock.now,
        public_url=settings.public_url,
    )
    return build_pages(parts)
