"""``evaluand run`` and what follows it, without a server."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.acceptance.command_line import CommandLine

pytestmark = pytest.mark.slow

BEFORE = {"first": ["no"] * 12 + ["yes"] * 4}
BOTH = {**BEFORE, "second": ["yes"] * 15 + ["no"]}


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


# ── Run files ────────────────────────────────────────────────────────────────────────────────────


def test_two_versions_are_run_and_compared(cli: CommandLine) -> None:
    path = cli.recorded(BOTH, gate={"accuracy": ">= 0.9"})

    done = cli.run("run", str(path))

    assert done.returncode == 0, done.stderr
    assert "accuracy     0.938" in done.stdout
    assert "Version 2.0 against 1.0: better" in done.stdout
    assert "now pass: q0, q1, q2, q3, q4, q5 and 6 more" in done.stdout
    assert "no longer pass: q15" in done.stdout
    assert "Gate accuracy >= 0.9: 0.938, passed" in done.stdout
    assert "32/32 items" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr, "nothing for terminals in a file"


def test_json_is_all_that_is_printed(cli: CommandLine) -> None:
    report = cli.json("run", str(cli.recorded(BOTH)))

    first, second = report["runs"]
    (comparison,) = report["comparisons"]
    assert (first["version"], second["version"]) == ("1.0", "2.0")
    assert second["metrics"]["exact_match"]["accuracy"] == 15 / 16
    assert comparison["verdict"] == "better"
    assert comparison["difference"] == pytest.approx(11 / 16)
    assert len(comparison["improved"]) == 12


def test_a_second_run_brings_nothing_new_and_the_same_figures(cli: CommandLine) -> None:
    path = str(cli.recorded(BOTH))

    first, again = cli.json("run", path), cli.json("run", path)

    (found,) = cli.json("sets", "list")
    assert found["version"] == 1
    assert [run["digest"] for run in first["runs"]] == [run["digest"] for run in again["runs"]]
    assert [run["metrics"] for run in first["runs"]] == [run["metrics"] for run in again["runs"]]
    (target,) = cli.json("targets", "list")
    versions = cli.json("targets", "show", target["id"])["versions"]
    assert sorted(version["number"] for version in versions) == ["1.0", "2.0", "draft"]


@pytest.mark.parametrize(
    ("gate", "code"),
    [
        ({"accuracy": ">= 0.2"}, 0),
        ({"accuracy": ">= 0.9"}, 3),
        ({"acuracy": ">= 0.9"}, 2),
        ({"passed_count": ">= 4", "error_rate": "<= 0"}, 0),
    ],
)
def test_the_gate_decides_the_exit_code(cli: CommandLine, gate: dict[str, str], code: int) -> None:
    done = cli.run("run", str(cli.recorded(BEFORE, gate=gate)))

    assert done.returncode == code, done.stderr


def test_a_run_without_any_output_could_not_run(cli: CommandLine) -> None:
    targets = [{"name": "Answers", "config": {"output": "nobody"}}]

    done = cli.run("run", str(cli.recorded(BEFORE, targets=targets)))

    assert done.returncode == 1
    assert "Every item ended in an error" in done.stdout


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"targets": []}, "targets: must be a list with at least one entry"),
        ({"suite": {"evaluators": [{"name": "exact_mach"}]}}, "There is no evaluator 'exact_mach'"),
        ({"set": {"name": "x", "kind": "y", "items": []}}, "set.kind: there is no kind 'y'"),
    ],
)
def test_a_wrong_run_file_is_one_line_and_exit_code_2(
    cli: CommandLine, members: dict[str, object], told: str
) -> None:
    done = cli.run("run", str(cli.recorded(BEFORE, **members)))

    assert done.returncode == 2
    assert done.stdout == ""
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_example_without_documents_runs(cli: CommandLine) -> None:
    example = Path(__file__).parents[2] / "examples" / "qa" / "qa.yaml"

    first, second = cli.json("run", str(example))["runs"]

    assert (first["items"], second["items"]) == (216, 216)
    assert first["outcomes"]["error"] == second["outcomes"]["error"] == 0


def test_a_missing_run_file_is_told(cli: CommandLine) -> None:
    done = cli.run("run", "none.yaml")

    assert done.returncode == 2
    assert "cannot be read: No such file or directory" in done.stderr


# ── Looking at what is there ─────────────────────────────────────────────────────────────────────


def test_runs_are_listed_shown_and_paged(cli: CommandLine) -> None:
    cli.json("run", str(cli.recorded(BEFORE)))

    (listed,) = cli.json("runs", "list")
    shown = cli.json("runs", "show", listed["id"])
    failed = cli.json("runs", "show", "latest", "--failed", "--limit", "5")
    rest = cli.json("runs", "show", "latest", "--failed", "--after", str(failed["next"]))

    assert listed["metrics"] == shown["metrics"]
    assert len(shown["worst"]) == 5
    names = [item["item"] for item in failed["items"] + rest["items"]]
    assert names == [f"q{number}" for number in range(12)]
    assert rest["next"] is None


def test_an_id_of_another_face_is_the_same_run(cli: CommandLine) -> None:
    run = cli.json("run", str(cli.recorded(BEFORE)))["runs"][0]["id"]

    assert cli.json("runs", "show", run.replace("run_", "bpr_"))["id"] == run


def test_results_are_exported(cli: CommandLine) -> None:
    cli.json("run", str(cli.recorded(BEFORE)))

    lines = cli.run("runs", "export", "latest").stdout.splitlines()
    saved = cli.run("runs", "export", "latest", "--format", "csv", "-o", "out.csv")

    rows = list(csv.DictReader(io.StringIO((cli.folder / "out.csv").read_text())))
    assert (saved.returncode, saved.stdout) == (0, "")
    assert [json.loads(line)["item"] for line in lines] == [row["item"] for row in rows]
    assert json.loads(lines[0])["output"] == {"answer": "no"}
    assert rows[0]["outcome"] == "failed"


def test_a_set_that_is_exported_can_be_imported(cli: CommandLine, tmp_path: Path) -> None:
    document = cli.folder / "one.txt"
    document.write_text("Total: 1")
    items = [{"id": "a", "files": ["one.txt"], "expected": {"total": 1}}]
    schema = {"type": "object", "properties": {"total": {"type": ["number", "null"]}}}
    path = cli.run_file(
        set={"name": "Totals", "kind": "extractor", "items": items},
        targets=[{"name": "Reader", "config": {"schema": schema}}],
    )
    run = cli.json("run", str(path))["runs"][0]
    folder = tmp_path / "copy"

    exported = cli.run("sets", "export", run["setId"], "-o", str(folder))
    lines = str(folder / "items.jsonl")
    made = cli.json("sets", "import", lines, "--name", "Copy", "--target", run["targetId"])
    again = cli.json("sets", "import", lines, "--name", "Copy", "--target", run["targetId"])

    assert exported.returncode == 0, exported.stderr
    assert (made["added"], again["added"], again["changed"]) == (1, 0, 0)
    (copy,) = cli.json("sets", "show", made["id"])["items"]
    (original,) = cli.json("sets", "show", run["setId"])["items"]
    assert (copy["id"], copy["expected"]) == (original["id"], original["expected"])
    assert next((folder / "files").iterdir()).read_text() == "Total: 1"


def test_two_runs_are_compared_and_gated(cli: CommandLine) -> None:
    first, second = (run["id"] for run in cli.json("run", str(cli.recorded(BOTH)))["runs"])

    assert cli.json("compare", first, second)["verdict"] == "better"
    assert cli.run("gate", second, "--baseline", first).returncode == 0
    assert cli.run("gate", first, "--baseline", second).returncode == 3
    assert cli.run("gate", first, "--baseline", first).returncode == 0


def test_where_there_are_no_data_nothing_is_made(cli: CommandLine) -> None:
    done = cli.run("runs", "list")

    assert done.returncode == 1
    assert "There are no data in" in done.stderr
    assert not cli.data.exists()


def test_an_unknown_run_is_told(cli: CommandLine) -> None:
    cli.json("run", str(cli.recorded(BEFORE)))

    unknown, unreadable = cli.run("runs", "show", "run_" + "0" * 21), cli.run("runs", "show", "x")

    assert (unknown.returncode, unreadable.returncode) == (1, 2)
    assert unknown.stderr == "evaluand: There is no run with this id.\n"


# ── The rest ─────────────────────────────────────────────────────────────────────────────────────


def test_doctor_finds_nothing_wrong(cli: CommandLine) -> None:
    cli.json("run", str(cli.recorded(BEFORE)))

    checks = {finding["check"]: finding["state"] for finding in cli.json("doctor")}

    assert set(checks.values()) == {"ok"}
    assert {"settings", "disk", "database", "engine", "documents", "provider"} <= set(checks)


def test_doctor_exits_1_on_a_problem(tmp_path: Path) -> None:
    cli = CommandLine(tmp_path, EVALUAND_OPENAI_BASE_URL="http://127.0.0.1:9/v1")

    done = cli.run("doctor")

    assert done.returncode == 1
    assert "Check the base URL" in done.stdout


def test_a_setting_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    done = CommandLine(tmp_path, EVALUAND_PORT="many").run("keys", "list")

    assert done.returncode == 2
    assert "EVALUAND_PORT" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_evaluators_and_suites_are_listed(cli: CommandLine) -> None:
    names = [each["name"] for each in cli.json("evaluators", "list")]

    assert "field_accuracy" in names
    assert {each["kind"] for each in cli.json("suites", "list")} >= {"extractor", "pipeline"}
    described = [cli.json("evaluators", "show", name)["description"] for name in names]
    assert all(described)
    assert len(set(described)) == len(names), "each says what it measures, not how it is built"


def test_the_version_is_told(cli: CommandLine) -> None:
    assert cli.run("--version").stdout.startswith("evaluand 0.")


def test_help_loads_nothing_heavy() -> None:
    heavy = ["sqlalchemy", "pydantic", "fastapi", "numpy", "scipy", "aiohttp", "alembic", "yaml"]
    script = f"import sys, evaluand.cli.main; print(*set({heavy}) & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []
