"""The store over a SQL database: one door per workspace, and the ledger."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import insert, select

from evaluand.store.access import SqlAccess
from evaluand.store.database import Database
from evaluand.store.files import SqlFiles
from evaluand.store.ledger import SqlLedger
from evaluand.store.migrate import migrate
from evaluand.store.runs import SqlRuns
from evaluand.store.scope import Scope
from evaluand.store.sets import SqlSets
from evaluand.store.tables import installation
from evaluand.store.targets import SqlTargets

_ID_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class SqlWorkspace:
    """Fits :class:`evaluand.ports.WorkspaceStore`."""

    files: SqlFiles
    targets: SqlTargets
    sets: SqlSets
    runs: SqlRuns


class SqlStore:
    """Fits :class:`evaluand.ports.Store`. Migrates the database when it is opened."""

    def __init__(self, database: Database) -> None:
        migrate(database)
        self.database = database
        self.access = SqlAccess(database)
        self.ledger = SqlLedger(database)
        self.id_key = _id_key(database)

    def workspace(self, key: int) -> SqlWorkspace:
        """What the workspace can see, and nothing else."""
        scope = Scope(self.database, key)
        return SqlWorkspace(SqlFiles(scope), SqlTargets(scope), SqlSets(scope), SqlRuns(scope))

    def close(self) -> None:
        """Finishes writing and closes the database."""
        self.database.close()


def _id_key(database: Database) -> bytes:
    with database.read() as connection:
        found = connection.execute(select(installation.c.id_key)).scalar_one_or_none()
    if found is not None:
        return bytes(found)
    row = {"id": 1, "id_key": secrets.token_bytes(_ID_KEY_BYTES)}
    database.write(lambda connection: connection.execute(insert(installation).values(row)))
    return _id_key(database)
