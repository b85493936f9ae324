"""``evaluand serve``: API, pages and, unless told otherwise, the embedded engine."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import uvicorn

    from evaluand.app.installation import App
    from evaluand.settings import Settings
    from evaluand.web.server import Server

# Requests under way when the server is told to stop get that long.
_GRACE_S = 5


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for database and files.")] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Serve only; leave the work to others.")
    ] = False,
) -> None:
    """Serve the API and the pages, and work on runs. Migrates the database on start."""
    import uvicorn

    from evaluand.app.installation import build
    from evaluand.cli.opening import read_settings

    settings = read_settings(host=host, port=port, data=data)
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    app = build(settings)
    config = uvicorn.Config(
        make_server(app, settings, work=not no_worker),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_GRACE_S,
        server_header=False,
    )
    _serve_until_told(app, config)


def _serve_until_told(app: App, config: uvicorn.Config) -> None:
    import uvicorn

    class Serving(uvicorn.Server):
        """Stops on the first signal; a second one ends the waiting for calls in flight."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if self.should_exit:
                app.hurry()
            super().handle_exit(sig, frame)

    # Being asked to stop is no failure. uvicorn passes the signal on once everything is closed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serving = Serving(config)
    serving.run()
    if not serving.started:
        raise typer.Exit(1)


def make_server(app: App, settings: Settings, *, work: bool) -> Server:
    """The ASGI application of an installation; its lifespan starts and stops the engine."""
    from evaluand.app.pages import pages_of
    from evaluand.dialects import DialectSettings
    from evaluand.web.server import Server

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        working = await app.start(work=work)
        if work and not working:
            logging.getLogger(__name__).warning(
                "another process works on %s; this one takes over when it ends", settings.data
            )
        try:
            yield
        finally:
            await app.stop()

    return Server(
        services=app.services,
        dialects=[point.load() for point in entry_points(group="evaluand.dialects")],
        pages=pages_of(app),
        settings=DialectSettings(
            public_url=settings.public_url, max_body_bytes=settings.max_body_bytes
        ),
        lifespan=lifespan,
        ready=lambda: True,
    )
