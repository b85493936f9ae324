"""The pages as a browser gets them: what they show, to whom, and that nothing in them runs."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from tests.unit.web.world import CLASSES, ORIGIN, PICTURE, Browser, World, address

from evaluand.domain.ids import new_public_id, to_base62
from evaluand.domain.model import (
    Failure,
    ItemContent,
    Outcome,
    Role,
    RunStatus,
    TargetKind,
)
from evaluand.web.application import build_pages

HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(1)>\"'"


def invoice(vendor: object = "ACME", total: object = 10.0, **more: object) -> dict[str, object]:
    return {"value": {"vendor": vendor, "total": total, "lines": [], **more}}


def label(kind: str) -> dict[str, object]:
    return {"id": kind, "type": kind, "confidence": 0.9}


class Elements(HTMLParser):
    """The elements of a page and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


# ── Who may see what ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/", "/runs/x", "/runs/x/items/0", "/runs/x?item=3"])
def test_without_a_session_every_page_leads_to_the_sign_in_and_back(
    world: World, path: str
) -> None:
    browser = world.browser(role=None)

    answer = browser.get(path)

    assert answer.status_code == 303
    shown = browser.get(answer.headers["location"])
    hidden = [each for tag, each in Elements(shown.text).found if each.get("name") == "next"]
    assert hidden[0]["value"] == path


def test_an_unknown_run_and_a_foreign_one_give_the_same_page(world: World) -> None:
    run = world.run([(ItemContent(expected=invoice()), invoice())])
    stranger = world.browser(workspace="elsewhere")

    unknown = f"/runs/{to_base62(new_public_id())}"
    for rest in ("", "?item=0", "/items/0", "/items/0/files/0/pages/1?dpi=110"):
        foreign, missing = stranger.get(address(run, rest)), stranger.get(unknown + rest)
        assert foreign.status_code == missing.status_code == 404
        assert foreign.text == missing.text
    assert stranger.post(address(run, "/cancel")).status_code == 404


def test_a_session_shows_its_own_workspace_only(world: World) -> None:
    world.run([(ItemContent(expected=invoice()), invoice())])

    assert "succeeded" in world.browser().get("/").text
    assert "There are no runs in this workspace yet." in (
        world.browser(workspace="elsewhere").get("/").text
    )


# ── The list and one run ─────────────────────────────────────────────────────────────────────────


def test_the_list_shows_the_newest_first_and_pages_on(world: World) -> None:
    runs = [world.run([(ItemContent(expected=invoice()), invoice())]) for _ in range(52)]
    browser = world.browser()
    first = browser.get("/").text

    following = re.search(r'rel="next" href="(\?[^"]+)"', first)
    assert following is not None
    second = browser.get("/" + following[1].replace("&amp;", "&")).text

    shown = re.findall(r'href="/runs/(\w{21})"', first + second)
    assert shown == [to_base62(run.id) for run in reversed(runs)]


def test_a_run_shows_its_headline_with_the_interval_drawn_and_written(world: World) -> None:
    items = [(ItemContent(expected=invoice()), invoice(total=float(i % 2) * 10)) for i in range(8)]
    run = world.run(items)

    text = world.browser().get(address(run)).text

    figures = (run.summary or {})["metrics"]["field_accuracy"]
    low, high = figures["interval"]
    assert f"{figures['accuracy'] * 100:.1f} %" in text
    assert f"{low * 100:.1f} to {high * 100:.1f} %" in text
    drawn = [each for tag, each in Elements(text).found if each.get("class") == "range"]
    assert float(drawn[0]["x"] or 0) == pytest.approx(1 + low * 118, abs=0.01)
    assert float(drawn[0]["width"] or 0) == pytest.approx((high - low) * 118, abs=0.02)
    assert run.digest in text


def test_the_worst_items_come_first_and_outcomes_filter(world: World) -> None:
    failure = Failure(reason="target_error", message="The target said no.")
    run = world.run(
        [
            (ItemContent(expected=invoice(), metadata={"id": "good"}), invoice()),
            (ItemContent(expected=invoice(), metadata={"id": "bad"}), invoice(vendor="?")),
            (ItemContent(expected=invoice(), metadata={"id": "gone"}), failure),
            (ItemContent(expected=invoice(), metadata={"id": "worse"}), invoice("?", 1.0)),
        ]
    )
    browser = world.browser()

    everything = browser.get(address(run)).text
    failed = browser.get(address(run, f"?outcome={Outcome.FAILED}")).text
    errors = browser.get(address(run, f"?outcome={Outcome.ERROR}")).text

    def named(text: str) -> list[str]:
        return re.findall(r"items/\d+\">(\w+)</a>", text)

    assert named(everything) == ["gone", "worse", "bad", "good"]
    assert named(failed) == ["worse", "bad"]
    assert named(errors) == ["gone"]
    assert failure.message in errors


def test_a_run_under_way_loads_itself_again_until_told_not_to(world: World) -> None:
    items = [(ItemContent(expected=invoice()), invoice())] * 2
    run = world.run(items, finished=False)
    browser = world.browser()

    def refreshes(path: str) -> bool:
        found = Elements(browser.get(path).text).found
        return any(each.get("http-equiv") == "refresh" for tag, each in found if tag == "meta")

    assert run.status is RunStatus.RUNNING
    for path in ("/", address(run)):
        assert refreshes(path)
        assert not refreshes(f"{path}?refresh=off")
    assert not refreshes(address(world.run(items)))


def test_members_cancel_a_run_under_way_and_viewers_do_not(world: World) -> None:
    run = world.run([(ItemContent(expected=invoice()), invoice())] * 2, finished=False)
    viewer, member = world.browser(Role.VIEWER), world.browser(Role.MEMBER)
    cancel = address(run, "/cancel")

    assert cancel not in viewer.get(address(run)).text
    assert viewer.post(cancel).status_code == 403
    assert world.core.engine.cancelled == []
    assert cancel in member.get(address(run)).text
    assert member.post(cancel).headers["location"] == address(run)
    assert world.core.engine.cancelled == [run.key]
    assert "cancelled" in member.get(address(run)).text
    assert member.post(cancel).status_code == 400


def test_a_classifier_has_a_matrix_with_a_column_for_no_prediction(world: World) -> None:
    failure = Failure(reason="target_error", message="No.")
    run = world.run(
        [
            (ItemContent(expected=label("bill")), label("bill")),
            (ItemContent(expected=label("bill")), label("letter")),
            (ItemContent(expected=label("letter")), failure),
        ],
        TargetKind.CLASSIFIER,
        CLASSES,
    )

    text = world.browser().get(address(run)).text

    assert "(no prediction)" in text
    row = re.search(r'<th scope="row">bill</th>(<td class="number (?:hit|miss).*?)</tr>', text)
    assert row is not None
    assert re.findall(r">(\d+)</td>", row[1]) == ["1", "1", "0"]


# ── One item ─────────────────────────────────────────────────────────────────────────────────────


def test_an_item_shows_values_side_by_side_with_the_verdict_in_words(world: World) -> None:
    output = invoice("ACMF", None, lines=[{"what": "nails", "amount": 3.0}])
    expected = invoice("ACME", 10.0, lines=[{"what": "nails", "amount": 4.0}])
    run = world.run([(ItemContent(expected=expected), output)])

    text = re.sub(r"<[^>]+>|\s+", " ", world.browser().get(address(run, "/items/0")).text)

    assert re.search(r"vendor +ACME +ACMF +≠ +wrong", text)
    assert re.search(r"total +10 +none +\S +missing", text)
    assert re.search(r"expected +4 +extracted +3 +≠ +wrong", text)


def test_the_address_of_an_item_by_query_leads_to_its_page(world: World) -> None:
    run = world.run([(ItemContent(expected=invoice()), invoice())] * 3)
    browser = world.browser()

    assert browser.get(address(run, "?item=1")).headers["location"] == address(run, "/items/1")
    page = browser.get(address(run, "/items/1")).text
    assert f'rel="prev" href="{address(run, "/items/0")}"' in page
    assert f'rel="next" href="{address(run, "/items/2")}"' in page
    assert browser.get(address(run, "/items/3")).status_code == 404
    assert browser.get(address(run, f"/items/{'9' * 6000}")).status_code == 404
    assert browser.get(address(run, f"?item={'9' * 6000}")).status_code == 200


def test_boxes_stand_over_the_page_image_and_say_what_was_found(world: World) -> None:
    file = world.upload("scan.pdf", pages=2)
    output = invoice() | {
        "evidence": {
            "vendor": {"confidence": 0.9, "page": 2, "box": [10, 20, 60, 30], "text": "ACME"},
            "total": {"confidence": 0.5, "page": 9, "box": "nonsense"},
        }
    }
    run = world.run([(ItemContent(expected=invoice(), files=(file,)), output)])
    browser = world.browser()

    found = Elements(browser.get(address(run, "/items/0")).text).found

    images = [each["src"] for tag, each in found if tag == "img" and "files" in (each["src"] or "")]
    assert images == [f"{address(run)}/items/0/files/0/pages/{page}?dpi=110" for page in (1, 2)]
    spots = [each for tag, each in found if each.get("class") == "spot"]
    assert [each["aria-label"] for each in spots] == ["vendor: ACME"]
    box = [each for tag, each in found if tag == "rect" and "rx" in each][-1]
    assert [box[side] for side in ("x", "y", "width", "height")] == ["8.5", "18.5", "53.0", "13.0"]
    picture = browser.get(images[1] or "")
    assert (picture.content, picture.headers["content-type"]) == (PICTURE, "image/webp")
    assert world.images.drawn == [("scan.pdf", 2, 110)]


@pytest.mark.parametrize(
    "rest", ["0/pages/1?dpi=111", "0/pages/1", "1/pages/1?dpi=110", "x/pages/1?dpi=110"]
)
def test_other_resolutions_and_files_are_not_drawn(world: World, rest: str) -> None:
    run = world.run([(ItemContent(expected=invoice(), files=(world.upload(),)), invoice())])

    assert world.browser().get(address(run, f"/items/0/files/{rest}")).status_code == 404
    assert world.images.drawn == []


def test_a_file_that_was_deleted_is_not_shown_any_more(world: World) -> None:
    file = world.upload("secret.pdf")
    run = world.run([(ItemContent(expected=invoice(), files=(file,)), invoice())])
    browser = world.browser()
    picture = address(run, "/items/0/files/0/pages/1?dpi=110")
    assert browser.get(picture).status_code == 200

    world.core.store.workspace(world.workspace).files.delete(file.id, world.core.clock.now())

    assert browser.get(picture).status_code == 404
    page = browser.get(address(run, "/items/0")).text
    assert "It was deleted after the run." in page
    assert "/blobs/" not in page


def test_a_file_whose_pages_cannot_be_shown_says_why_and_can_be_had(world: World) -> None:
    run = world.run(
        [(ItemContent(expected=invoice(), files=(world.upload("broken.pdf"),)), invoice())]
    )

    page = world.browser().get(address(run, "/items/0"))

    assert page.status_code == 200
    assert "Its pages cannot be shown: &#39;broken.pdf&#39; is broken" in page.text
    assert 'href="/blobs/' in page.text


# ── Nothing runs ─────────────────────────────────────────────────────────────────────────────────


def test_hostile_content_is_inert(world: World) -> None:
    file = world.upload(f"{HOSTILE}.pdf", pages=1)
    output = invoice(HOSTILE, lines=[{"what": HOSTILE, "amount": 1.0}]) | {
        "evidence": {HOSTILE: {"page": 1, "box": [1, 2, 3, 4], "text": HOSTILE}}
    }
    failure = Failure(reason=HOSTILE, message=HOSTILE)
    content = ItemContent(
        expected=invoice(lines=[{"what": "?", "amount": 2.0}]),
        files=(file,),
        inputs={HOSTILE: HOSTILE},
        metadata={"id": HOSTILE},
    )
    run = world.run([(content, output), (content, failure)])
    browser = world.browser()

    for path in ("/", address(run), address(run, "/items/0"), address(run, "/items/1")):
        text = browser.get(path).text
        found = Elements(text).found
        assert "script" not in {tag for tag, _ in found}
        assert not any(name.startswith("on") for _, each in found for name in each)
        assert not any(each.get("src") == "x" for _, each in found)
    assert "&lt;script&gt;" in browser.get(address(run, "/items/0")).text


def test_every_answer_confines_itself(world: World) -> None:
    run = world.run([(ItemContent(expected=invoice(), files=(world.upload(),)), invoice())])
    browser = world.browser()
    paths = [
        "/",
        "/sign-in",
        address(run),
        address(run, "/items/0"),
        "/runs/nothing",
        "/runs",
        "/static/style.css",
        address(run, "/items/0/files/0/pages/1?dpi=110"),
    ]

    for path in paths:
        headers = browser.get(path).headers
        assert headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_pages_load_nothing_from_elsewhere_and_style_nothing_inline(world: World) -> None:
    run = world.run([(ItemContent(expected=invoice(), files=(world.upload(),)), invoice())])
    browser = world.browser()

    for path in ("/", "/sign-in", address(run), address(run, "/items/0"), "/runs/nothing"):
        for tag, each in Elements(browser.get(path).text).found:
            assert tag not in {"script", "iframe", "object", "style"}
            assert "style" not in each
            for name in ("href", "src", "action"):
                assert not (each.get(name) or "").startswith(("http", "//"))


def test_pages_work_under_a_prefix_that_a_proxy_adds(world: World) -> None:

    run = world.run([(ItemContent(expected=invoice(), files=(world.upload(),)), invoice())])
    browser = Browser(build_pages(world.parts(public_url=f"{ORIGIN}/tools/evaluand")))
    answer = browser.post("/sign-in", {"key": world.token(), "next": address(run)})

    assert answer.headers["location"] == f"/tools/evaluand{address(run)}"
    assert "Path=/tools/evaluand/;" in answer.headers["set-cookie"]
    browser.cookies.set("evaluand_session", answer.cookies["evaluand_session"])
    for path in ("/", address(run), address(run, "/items/0")):
        for _, each in Elements(browser.get(path).text).found:
            for name in ("href", "src", "action"):
                link = each.get(name)
                assert not link or link.startswith(("/tools/evaluand/", "#", "?")), link
