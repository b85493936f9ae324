"""Reports as people read them: short, aligned, each number with what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evaluand.cli.gates import Checked
from evaluand.cli.output import RIGHT, interval, number, print_table, seconds, signed
from evaluand.cli.report import star_figures
from evaluand.domain.model import Outcome

if TYPE_CHECKING:
    from rich.console import Console

# Enough to see where it comes from; more is read in the JSON or on the page.
_NAMED = 6
_FIELDS = 12

_MEANING = {
    "field_accuracy.accuracy": "share of expected fields that are right, all items together",
    "field_accuracy.macro_accuracy": "mean over the fields, each field counting the same",
    "field_accuracy.item_accuracy": "mean over the items, each item counting the same",
    "field_accuracy.perfect_rate": "share of items without any mistake",
    "class_accuracy.accuracy": "share of items put into the right class",
    "split_f1.f1": "exact splits: harmonic mean of precision and recall",
    "split_f1.precision": "share of the splits found that are exactly right",
    "split_f1.recall": "share of the expected splits that were found exactly",
}
_VERDICTS = {
    "better": (
        "better",
        "green",
        "The interval lies above zero and the test agrees, so this is hardly chance.",
    ),
    "worse": (
        "worse",
        "red",
        "The interval lies below zero and the test agrees, so this is hardly chance.",
    ),
    "cannot_tell": ("cannot tell", "yellow", "This may be chance: more items would tell."),
}
_COLOURS = {"passed": "green", "failed": "red", "not measured": "yellow"}


def render_run(out: Console, report: Mapping[str, Any], *, brief: bool = False) -> None:
    """One run: figures, fields or classes, worst items, cost; ``brief`` leaves out the details."""
    _head(out, report)
    for metric, figures in report["metrics"].items():
        _figures(out, metric, figures)
    if not brief:
        _details(out, report)
    out.print()
    out.print(f"  {_cost(report)}", style="dim")


def _details(out: Console, report: Mapping[str, Any]) -> None:
    figures = star_figures(report)
    if figures.get("fields"):
        _fields(out, figures["fields"])
    if figures.get("classes"):
        _classes(out, figures["classes"])
    for name, slices in report.get("slices", {}).items():
        _slices(out, name, slices)
    if report.get("worst"):
        _worst(out, report["worst"])


def _head(out: Console, report: Mapping[str, Any]) -> None:
    outcomes = report["outcomes"]
    counts = ", ".join(f"{outcomes[str(outcome)]} {outcome}" for outcome in Outcome)
    open_items = f", {report['open']} not done" if report["open"] else ""
    out.print()
    out.print(
        f"{report['target'] or report['kind']} {report['version'] or ''}", style="bold", end=""
    )
    out.print(f"  {report['id']}  {report['status']}", style="dim")
    of_set = f" of {report['set']!r}" if report["set"] else ""
    out.print(f"  {report['items']} items{of_set}: {counts}{open_items}")
    if report["error"]:
        out.print(f"  {report['error']}", style="red")


def _figures(out: Console, metric: str, figures: Mapping[str, Any]) -> None:
    rows = [
        (f"  {name}", number(value), interval(ends), _MEANING.get(f"{metric}.{name}", ""))
        for name, value, ends in intervals_in(figures)
    ]
    if rows:
        out.print()
        print_table(out, [f"  {metric}", f"{RIGHT}value", "95% interval", ""], rows)


def intervals_in(figures: Mapping[str, Any]) -> list[tuple[str, float, Sequence[float]]]:
    """The figures that have an interval: by their own name, or the first one by ``interval``."""
    found: list[tuple[str, float, Sequence[float]]] = []
    for name, value in figures.items():
        main = name in ("accuracy", "mean", "value", "rate", "score")
        ends = figures.get(f"{name}_interval") or (figures.get("interval") if main else None)
        if isinstance(value, (int, float)) and isinstance(ends, list):
            found.append((name, float(value), ends))
    return found


def _fields(out: Console, fields: Mapping[str, Mapping[str, Any]]) -> None:
    rows = [
        (
            f"  {name}",
            f"{field['accurate']:.4g} of {field['expected']}",
            number(field.get("accuracy")),
            interval(field.get("interval")),
            *(field[fault] or "" for fault in ("wrong", "invented", "missing")),
        )
        for name, field in fields.items()
    ]
    columns = [f"{RIGHT}right", f"{RIGHT}accuracy", "95% interval"]
    faults = [f"{RIGHT}{fault}" for fault in ("wrong", "invented", "missing")]
    out.print()
    print_table(out, ["  field", *columns, *faults], rows)


def _classes(out: Console, classes: Mapping[str, Mapping[str, Any]]) -> None:
    rows = [
        (
            f"  {name}",
            f"{each['correct']} of {each['expected']}",
            number(each.get("precision")),
            number(each.get("recall")),
            number(each.get("f1")),
            interval(each.get("f1_interval")),
        )
        for name, each in classes.items()
        if each["expected"] or each["predicted"]
    ]
    columns = [f"{RIGHT}{name}" for name in ("right", "precision", "recall", "f1")]
    out.print()
    print_table(out, ["  class", *columns, "95% interval"], rows)


def _slices(out: Console, name: str, slices: Mapping[str, Mapping[str, Any]]) -> None:
    rows = [
        (f"  {value}", f"{each['items']:g}", number(each["value"]), interval(each["interval"]))
        for value, each in slices.items()
    ]
    out.print()
    print_table(out, [f"  by {name}", f"{RIGHT}items", f"{RIGHT}value", "95% interval"], rows)


def _worst(out: Console, worst: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        (
            f"  {row['item']}",
            number(row["value"]),
            row["error"]["message"] if row["error"] else row["explanation"] or "",
        )
        for row in worst
    ]
    out.print()
    print_table(out, ["  worst items", f"{RIGHT}value", "what is wrong"], rows)


def _cost(report: Mapping[str, Any]) -> str:
    calls, latency = report["calls"], report["latency"]
    words = [
        f"cost ${report['costUsd']:.4f}",
        f"calls: {calls['paid']} paid, {calls['reused']} reused, {calls['unknownFate']} of "
        "unknown fate",
    ]
    if latency:
        slow = f"{seconds(latency['p50_ms'])} median, {seconds(latency['p95_ms'])} 95th percentile"
        words.append(f"per item {slow}")
    return " · ".join(words)


def render_comparison(out: Console, data: Mapping[str, Any]) -> None:
    """Two runs side by side: the verdict in words, the fields and the items that changed."""
    word, colour, reason = _VERDICTS[data["verdict"]]
    first, second = data["first"]["version"], data["second"]["version"]
    out.print()
    out.print(f"Version {second} against {first}: ", style="bold", end="")
    out.print(word, style=f"bold {colour}")
    if data["difference"] is None:
        out.print("  No item was measured in both runs, so nothing can be said.")
        return
    out.print(
        f"  {data['metric']} {signed(data['difference'])}, 95% interval {_ends(data['interval'])}, "
        f"p = {_p_value(data['pValue'])}, {data['paired']} items in both. {reason}"
    )
    if data["unpaired"]:
        out.print(f"  {data['unpaired']} items were measured in one run only and are left out.")
    if data["fields"]:
        _changed_fields(out, data["fields"], first, second)
    _changed_items(out, data)


def _changed_fields(
    out: Console, fields: Sequence[Mapping[str, Any]], first: str, second: str
) -> None:
    ordered = sorted(fields, key=lambda field: -abs(field["difference"]))
    rows = [
        (
            f"  {field['field']}",
            number(field["before"]),
            number(field["after"]),
            signed(field["difference"]),
            _ends(field["interval"]),
            _VERDICTS[field["verdict"]][0],
        )
        for field in ordered[:_FIELDS]
    ]
    columns = [f"{RIGHT}{first}", f"{RIGHT}{second}", f"{RIGHT}change", "95% interval"]
    out.print()
    print_table(out, ["  fields that changed", *columns, "verdict, all fields at once"], rows)
    if len(ordered) > _FIELDS:
        out.print(f"  and {len(ordered) - _FIELDS} fields more; --json has them all", style="dim")


def _changed_items(out: Console, data: Mapping[str, Any]) -> None:
    improved, worsened = data["improved"], data["worsened"]
    same = data["paired"] - len(improved) - len(worsened)
    out.print()
    out.print(f"  items: {len(improved)} better, {len(worsened)} worse, {same} the same")
    for word, changes in (("now pass", improved), ("no longer pass", worsened)):
        flipped = [change["item"] for change in changes if change["flipped"]]
        if flipped:
            more = f" and {len(flipped) - _NAMED} more" if len(flipped) > _NAMED else ""
            out.print(f"  {word}: {', '.join(flipped[:_NAMED])}{more}")
    fallen = [change for change in worsened if not change["flipped"]]
    for change in fallen[:_NAMED]:
        out.print(
            f"  {change['item']} fell from {number(change['before'])} to {number(change['after'])}"
        )


def render_gate(out: Console, checked: Sequence[Checked]) -> None:
    """The bounds, one line each."""
    out.print()
    for bound, value, verdict in checked:
        out.print(f"Gate {bound}: {number(value)}, ", end="", style="bold")
        out.print(verdict, style=f"bold {_COLOURS[verdict]}")


def _ends(ends: Sequence[float] | None) -> str:
    return "too few items" if ends is None else f"{ends[0]:+.3f} to {ends[1]:+.3f}"


def _p_value(value: float) -> str:
    return f"{value:.4f}" if value >= 0.0001 else "less than 0.0001"
