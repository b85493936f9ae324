"""The database itself: transactions that are whole, words when it is away."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from evaluand.errors import Unavailable
from evaluand.store.database import Database


@pytest.fixture(params=["memory", "file"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'a.db'}"
    opened = Database(url, synchronous="OFF")
    opened.write(lambda c: c.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)")))
    yield opened
    opened.close()


def rows(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT n FROM t ORDER BY n")).scalars())


def add(connection: Connection, numbers: Iterable[int]) -> None:
    for number in numbers:
        connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": number})


def test_a_write_gives_its_result_once_it_is_there(database: Database) -> None:
    def work(connection: Connection) -> str:
        add(connection, (1, 2))
        return "done"

    assert database.write(work) == "done"
    assert rows(database) == [1, 2]


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    def work(connection: Connection) -> None:
        add(connection, (1,))
        raise KeyError("later")

    with pytest.raises(KeyError):
        database.write(work)

    assert rows(database) == []
    database.write(lambda connection: add(connection, (3,)))
    assert rows(database) == [3]


def test_writes_of_many_threads_follow_each_other(database: Database) -> None:
    def work(first: int) -> None:
        for number in range(first, first + 20):
            database.write(partial(add, numbers=(number,)))

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 20, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert rows(database) == list(range(60))


@pytest.mark.parametrize(
    ("text_in", "lowered"), [("ÄÖÜ", "äöü"), ("ПРИВЕТ", "привет"), ("ABC", "abc"), (None, None)]
)
def test_lower_case_is_known_in_every_script(
    database: Database, text_in: str | None, lowered: str | None
) -> None:
    with database.read() as connection:
        found = connection.execute(text("SELECT lower(:t)"), {"t": text_in}).scalar_one()

    assert found == lowered


def test_a_database_that_is_away_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'missing' / 'a.db'}")

    with pytest.raises(Unavailable, match="Nothing was stored"), database.read() as connection:
        connection.execute(text("SELECT 1"))
    database.close()


def test_a_file_that_is_no_database_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("these are somebody's notes, and far too long for a header of SQLite\n" * 20)
    before = path.read_bytes()
    database = Database(f"sqlite:///{path}")

    with pytest.raises(Exception, match="not a database"):
        database.write(lambda connection: connection.execute(text("CREATE TABLE t (n)")))

    database.close()
    assert path.read_bytes() == before


def test_a_lock_held_by_another_process_is_waited_for(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}", synchronous="OFF")
    database.write(lambda c: c.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)")))
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.rollback)
    release.start()

    database.write(lambda connection: add(connection, (1,)))

    release.join()
    other.close()
    assert rows(database) == [1]
    database.close()
