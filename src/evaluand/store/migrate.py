"""Brings a database to the newest schema, on start, with Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from evaluand.store.database import Database

_FOLDER = Path(__file__).parent / "migrations"


class Revisions(NamedTuple):
    """The schema a database has, the newest there is, and whether the former is known here."""

    current: str | None
    newest: str | None
    known: bool


def revisions(database: Database) -> Revisions:
    """Looks which schema a database has; changes nothing."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(_FOLDER))
    with database.read() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    return Revisions(current, scripts.get_current_head(), current in known)


def migrate(database: Database) -> None:
    """Applies the migrations that the database lacks; on a current one it only looks."""
    from alembic import command
    from alembic.config import Config

    found = revisions(database)
    if found.current == found.newest:
        return
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))

    def work(connection: object) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    database.write(work)
