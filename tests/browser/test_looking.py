"""The pages in a real browser: signed in by hand, read at any width, with nothing that runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.conftest import HOSTILE, Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

pytestmark = pytest.mark.slow

WIDE, NARROW = {"width": 1360, "height": 900}, {"width": 400, "height": 800}

# The contrast of each text with what is painted behind it (WCAG 2.2, 1.4.3): the texts below 4.5,
# or below 3 where they are large.
LOW_CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const read = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => {
      c /= 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      layers.unshift(read(getComputedStyle(e).backgroundColor));
    }
    return layers.reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const shown = element.checkVisibility({visibilityProperty: true});
    if (!walker.currentNode.data.trim() || !shown || element.closest('svg')) continue;
    const style = getComputedStyle(element);
    const below = behind(element);
    const pair = [light(over(read(style.color), below)), light(below)].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) {
      found.push(`${walker.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
    }
  }
  return found;
}"""


def _errors(message: ConsoleMessage, refused: str | None) -> list[str]:
    expected = refused is not None and f"status of {refused}" in message.text
    return [message.text] if message.type == "error" and not expected else []


def _failure(request: Request) -> list[str]:
    # Going on to the next page ends what this one still loads.
    aborted = request.failure == "net::ERR_ABORTED"
    return [] if aborted else [f"{request.url}: {request.failure}"]


@pytest.fixture
def opened(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Opens a page of the site; whatever runs, breaks a rule or leaves the server is a failure."""
    faults: list[str] = []
    contexts = []

    def open_(
        path: str = "/", *, signed_in: bool = True, refused: str | None = None, **context: Any
    ) -> Page:
        made = browser.new_context(viewport=context.pop("viewport", WIDE), **context)
        contexts.append(made)
        page = made.new_page()
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("requestfailed", lambda request: faults.extend(_failure(request)))
        page.on("console", lambda message: faults.extend(_errors(message, refused)))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((site.url, "data:"))
                or faults.append(f"left the server: {request.url}")
            ),
        )
        page.goto(site.url + path)
        if signed_in:
            page.get_by_label("API key").fill(site.key)
            page.get_by_role("button", name="Sign in").click()
        return page

    yield open_
    for each in contexts:
        each.close()
    assert faults == []


def to_item(page: Page, name: str) -> None:
    """From the list of runs to an item."""
    page.get_by_role("link", name="Invoices v1").first.click()
    page.get_by_role("link", name=name, exact=True).click()


def test_the_way_to_an_item_needs_no_scripts(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    to_item(page, "inv-d001")

    assert page.get_by_role("heading", level=1).inner_text() == "inv-d001"
    page.get_by_role("link", name="Next →").click()
    assert page.get_by_role("heading", level=1).inner_text() == "inv-d002"
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_label("API key").is_visible()


def test_the_keyboard_alone_signs_in_and_skips_to_the_content(
    opened: Callable[..., Page], site: Site
) -> None:
    page = opened(signed_in=False)
    assert page.get_by_label("API key").evaluate("e => e === document.activeElement")
    page.keyboard.type(site.key)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Runs").wait_for()

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    assert skip.evaluate("e => e === document.activeElement")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert inside


def test_signing_in_leads_to_the_page_that_was_asked_for(
    opened: Callable[..., Page], site: Site
) -> None:
    page = opened()
    to_item(page, "inv-d002")
    asked = page.url.removeprefix(site.url)

    assert opened(asked).url == site.url + asked


def test_boxes_lie_over_what_was_found_and_name_it_on_focus(opened: Callable[..., Page]) -> None:
    page = opened()
    to_item(page, "inv-d001")

    picture = page.locator(".sheet img").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("async image => (await image.decode(), image.naturalWidth)") > 500
    sheet, overlay = picture.bounding_box(), page.locator(".sheet svg").first.bounding_box()
    for side, length in sheet.items():
        assert overlay[side] == pytest.approx(length, abs=1.5)
    spot = page.locator(".spot").first
    told = spot.locator("text")
    assert not told.is_visible()
    spot.focus()
    assert told.is_visible()
    assert ": " in (told.text_content() or "")
    # Ink is where the box says: the picture under it is not blank.
    box = spot.locator("rect").evaluate(
        """e => {
          const image = document.querySelector('.sheet img');
          const outer = image.getBoundingClientRect(), inner = e.getBoundingClientRect();
          const scale = image.naturalWidth / outer.width;
          const canvas = document.createElement('canvas');
          canvas.width = Math.ceil(inner.width * scale);
          canvas.height = Math.ceil(inner.height * scale);
          const pen = canvas.getContext('2d');
          pen.drawImage(image, (outer.x - inner.x) * scale, (outer.y - inner.y) * scale);
          return Math.min(...pen.getImageData(0, 0, canvas.width, canvas.height).data);
        }"""
    )
    assert box < 128
    page.keyboard.press("Enter")
    assert page.locator(":target").count() == 1


def test_hostile_names_and_values_are_shown_and_nothing_runs(opened: Callable[..., Page]) -> None:
    page = opened()
    to_item(page, HOSTILE)

    assert page.get_by_role("heading", level=1).inner_text() == HOSTILE
    assert page.get_by_text("x<script>alert(3)<!--.pdf", exact=True).is_visible()
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("script").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_page_fits_and_can_be_read(
    opened: Callable[..., Page], scheme: str, viewport: dict[str, int]
) -> None:
    page = opened(viewport=viewport, color_scheme=scheme)
    places = [page.url]
    page.get_by_role("link", name="Invoices v1").first.click()
    places.append(page.url)
    places.append(page.get_by_role("link", name="inv-d001").get_attribute("href") or "")
    places.append(page.get_by_role("link", name=HOSTILE).get_attribute("href") or "")
    places += ["/sign-in", "/?show=documents"]

    for place in places:
        page.goto(place if place.startswith("http") else page.url.split("/runs")[0] + place)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], place
        assert page.evaluate(LOW_CONTRAST) == [], place
        assert page.locator("h1").count() == 1


def test_faint_text_would_be_noticed(opened: Callable[..., Page]) -> None:
    page = opened()
    page.evaluate("document.querySelector('h1').style.color = '#999'")

    assert page.evaluate(LOW_CONTRAST) == ["Runs: 2.75"]


def test_a_link_from_elsewhere_finds_the_session(opened: Callable[..., Page], site: Site) -> None:
    page = opened()
    page.goto("data:text/html,<p>A message</p>")
    page.set_content(f'<a href="{site.url}/">the runs</a>')

    page.get_by_role("link").click()

    page.get_by_role("heading", name="Runs").wait_for()


def test_a_form_from_elsewhere_does_nothing(opened: Callable[..., Page], site: Site) -> None:
    page = opened(refused="403")
    page.goto("data:text/html,<p>Win a prize</p>")
    page.set_content(
        f'<form method="post" action="{site.url}/sign-out"><button>Win</button></form>'
    )

    with page.expect_navigation() as led:
        page.get_by_role("button").click()

    assert led.value.status == 403
    page.goto(site.url)
    assert page.get_by_role("heading", name="Runs").is_visible()
