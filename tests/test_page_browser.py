"""The page in a real browser: accessible in both themes and at both widths, nothing cut, addresses and sorting work.

``nox -s page`` runs it with the system's Chromium; it needs selenium and axe-core, and is skipped with a reason otherwise.
"""

import csv
import importlib.util
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

pytestmark = pytest.mark.browser
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
DRIVER = shutil.which("chromedriver")
AXE = importlib.util.find_spec("axe_playwright_python")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WRONG = """
import numpy as np

def hot(logits, n, rng):
    return np.argmax(logits + 1.3 * rng.gumbel(size=(n, len(logits))), axis=1)

def raising(logits, n, rng):
    raise TypeError("not <b>today</b>")
"""
ROWS = 2500
"""More than the page holds as rows; the others are made by its script."""


def missing():
    """Say what is lacking, if anything is."""
    needed = {"Chromium": CHROMIUM, "chromedriver": DRIVER, "axe-playwright-python": AXE}
    needed["selenium"] = importlib.util.find_spec("selenium")
    lacking = [name for name, found in needed.items() if not found]
    return f"needs {', '.join(lacking)}" if lacking else ""


@pytest.fixture(scope="module")
def browser():
    if words := missing():
        pytest.skip(words)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield made
    made.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages of a wrong guest, a broken one, some claims, and a run of two thousand checks."""
    if words := missing():
        pytest.skip(words)
    at = tmp_path_factory.mktemp("pages")
    (at / "guests.py").write_text(WRONG)
    wanted = {
        "wrong": [f"{at}/guests.py:hot", "--tolerance", "0.1"],
        "broken": [f"{at}/guests.py:raising", "--tolerance", "0.1", "--suite", "support"],
        "claims": ["--claim", "proof.softmax-of-logits", "--claim", "density.mean-of-u", "--tolerance", "0.1"],
        "kept": [f"{at}/guests.py:hot", "--tolerance", "0.1", "--keep-going", "--seed", "3"],
    }
    for name, words in wanted.items():
        command = [
            str(Path(sys.executable).with_name("gumbel-harness")),
            "validate",
            *words,
            "--engine",
            "serial",
            "--out",
            str(at / name),
        ]
        subprocess.run(command, check=False, capture_output=True, timeout=300)
    many(at / "wrong", at / "many")
    command = str(Path(sys.executable).with_name("gumbel-harness"))
    subprocess.run([command, "compare", at / "many", at / "wrong", "--out", at / "compare"], check=False, timeout=120)
    (at / "compare" / "compare.html").rename(at / "compare" / "report.html")
    words = ["bench", "gumbel-max", "relaxed", "--categories", "2,16", "--seconds", "0.1", "--out", at / "bench"]
    subprocess.run([command, *words], check=True, capture_output=True, timeout=120)
    (at / "bench" / "bench.html").rename(at / "bench" / "report.html")
    envelope_of_the_field(at / "envelope")
    a_selftest(at / "selftest")
    return {path.parent.name: path for path in sorted(at.glob("*/report.html"))}


def envelope_of_the_field(made):
    from reports.envelope import write

    made.mkdir()
    shutil.copy(Path(__file__).parents[1] / "docs" / "field" / "envelope.csv", made)
    told = {"seed": 0, "budget": 2**20, "alpha": 1e-6, "beta": 1e-3, "command": "gumbel-harness envelope"}
    (made / "envelope.json").write_text(json.dumps(told))
    write(made)
    (made / "envelope.html").rename(made / "report.html")


def a_selftest(made):
    """Make the page of tables that have every shade of the kill matrix."""
    from harness.ledger.files import write_table
    from harness.selftest.controls import COLUMNS, MATRIX
    from reports.selftest import write

    made.mkdir()
    controls = [f"control_{i}" for i in range(6)]
    told = {"profile": "quick", "priced": [], "broken": {}, "side": 1e-6, "finished": 1, "tasks": 1}
    (made / "manifest.json").write_text(json.dumps({"seed": 0, "seconds": 1.5, "interrupted": False, "selftest": told}))
    write_table(
        made / "controls.csv",
        COLUMNS,
        [dict(zip(COLUMNS, (one, "a", "b", "index", "ks/c", 9, "refuted"), strict=True)) for one in controls],
    )
    kills = [(one, f"family-{j}", 3, (i + j) % 3, 10**i, "ks/c") for i, one in enumerate(controls) for j in range(4)]
    write_table(made / "kill_matrix.csv", MATRIX, [dict(zip(MATRIX, row, strict=True)) for row in kills])
    write(made)
    (made / "selftest.html").rename(made / "report.html")


def many(run, made):
    """Repeat a run's records under other names until there are more than the page holds as rows."""
    import reports

    made.mkdir()
    manifest = json.loads((run / "manifest.json").read_text())
    records = [json.loads(line) for line in (run / "ledger.jsonl").read_text().splitlines()]
    (made / "manifest.json").write_text(json.dumps(manifest))
    with open(made / "ledger.jsonl", "w") as lines:
        for i in range(ROWS):
            one = records[i % len(records)]
            lines.write(json.dumps({**one, "check": f"{one['check']}/{i}", "statistics": [], "exhibit": {}}) + "\n")
    reports.write(made)


def opened(browser, path, theme="light", width=1280, address=""):
    media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get("about:blank")
    browser.get(Path(path).as_uri() + address)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["wrong", "broken", "claims", "compare", "bench", "envelope", "selftest"])
def test_no_violation_and_nothing_cut(browser, pages, name, theme, width):
    opened(browser, pages[name], theme, width)
    browser.execute_script((Path(AXE.origin).parent / "axe.min.js").read_text())
    run = "axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}}).then(arguments[1])"
    violations = browser.execute_async_script(run, TAGS)["violations"]
    assert not {one["id"]: [node["html"][:200] for node in one["nodes"][:3]] for one in violations}
    seen = "return [document.scrollingElement.scrollWidth, innerWidth]"
    across, room = browser.execute_script(seen)
    assert across <= room


def rows(browser):
    browser.execute_script("const more = document.querySelector('.search button'); while (!more.hidden) more.click();")
    return browser.execute_script(
        "return [...document.querySelectorAll('#checks-table-1 tbody tr')].filter(r => !r.hidden).map(r => r.id)"
    )


def test_search_state_and_order_live_in_the_address(browser, pages):
    opened(browser, pages["many"], address="#checks?state=refuted&q=zipf&by=2&down=")
    shown = browser.execute_script("return document.querySelectorAll('#checks-table-1 tbody tr:not([hidden])').length")
    found = rows(browser)
    assert shown == min(250, len(found))
    assert 0 < len(found) < ROWS and all("zipf" in one for one in found)
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('#checks-table-1 tbody tr:not([hidden])')].map(r => +r.cells[2].dataset.value)"
    )
    assert sizes == sorted(sizes, reverse=True)
    browser.execute_script("document.querySelectorAll('#checks-table-1 thead button')[0].click()")
    address = browser.execute_script("return location.hash")
    assert "by=0" in address and "q=zipf" in address and "state=refuted" in address


def test_states_sort_by_gravity(browser, pages):
    opened(browser, pages["many"], address="#checks?by=0")
    assert len(set(rows(browser))) == ROWS
    states = browser.execute_script(
        "return [...document.querySelectorAll('#checks-table-1 tbody tr')].map(r => r.dataset.state)"
    )
    assert len(states) == ROWS
    ranks = [["refuted", "broken", "stopped early", "missing", "inconclusive", "verified"].index(one) for one in states]
    assert ranks == sorted(ranks)


COMMANDS = "return [...document.querySelectorAll('th .command')].map(c => c.textContent)"


@pytest.mark.parametrize("place", [5, ROWS - 5])
def test_a_row_has_an_address_and_its_own_command(browser, pages, place):
    opened(browser, pages["many"])
    check = rows(browser)[place].removeprefix("check:")
    opened(browser, pages["many"], address="#" + quote(f"check:{check}"))
    (command,) = browser.execute_script(COMMANDS)
    assert command.endswith(f"--check {check} --seed 0 --tolerance 0.1")
    top = browser.execute_script(
        "return document.getElementById(arguments[0]).getBoundingClientRect().top", f"check:{check}"
    )
    assert 0 <= top <= 900


@pytest.mark.parametrize("where", [".evidence tbody th", "#checks-table-1 tbody th"])
def test_copy_beside_a_check_takes_the_command_that_runs_it_again(browser, pages, where, tmp_path):
    from selenium.webdriver.common.keys import Keys

    opened(browser, pages["wrong"])
    (named, button) = browser.execute_script(
        "const head = document.querySelector(arguments[0]); return [head.textContent, head.querySelector('.copy')]",
        where,
    )
    button.click()
    (command,) = browser.execute_script(COMMANDS)
    box = browser.find_element("css selector", ".search input")
    box.send_keys(Keys.CONTROL, "v")
    assert box.get_attribute("value") == command
    gives_the_same_row(command, named, pages["wrong"].parent, tmp_path)


def gives_the_same_row(command, check, run, out):
    """Run a command and hold the row of its only check to that of the run."""
    words = [str(Path(sys.executable).with_name("gumbel-harness")), *shlex.split(command)[1:], "--engine", "serial"]
    subprocess.run([*words, "--out", str(out)], check=False, capture_output=True, timeout=300)
    old, new = (
        {row["check"]: row for row in csv.DictReader((folder / "checks.csv").read_text().splitlines())}
        for folder in (run, out)
    )
    assert list(new) == [check]
    same = ("n", "statistic", "p_value", "alpha", "effect", "detectable", "verdict", "reason")
    assert [new[check][name] for name in same] == [old[check][name] for name in same]


ROW = """
const row = document.getElementById(arguments[0]), head = row.querySelector('th');
return {state: row.dataset.state, hidden: row.hidden, command: head.querySelector('.command').textContent,
        about: head.querySelector('.more p').textContent, top: row.getBoundingClientRect().top};
"""


@pytest.mark.parametrize("place", range(10))
def test_ten_random_checks_are_found_understood_and_run_again_from_the_page_alone(browser, pages, place, tmp_path):
    """Of the run of a wrong guest, or of that whose page GUMBEL_HARNESS_PAGE names."""
    page = Path(os.environ.get("GUMBEL_HARNESS_PAGE", pages["kept"]))
    opened(browser, page)
    every = rows(browser)
    chosen = sorted(random.Random(20261121).sample(every, 10))[place]
    opened(browser, page, address="#" + quote(chosen))
    row = browser.execute_script(ROW, chosen)
    assert not row["hidden"] and 0 <= row["top"] <= 900
    asks, _, why = row["about"].partition(" This check: ")
    assert asks.endswith(".") and len(why) > 10, "what the suite asks, and why this check was made"
    check = chosen.removeprefix("check:")
    table = csv.DictReader((page.parent / "checks.csv").read_text().splitlines())
    verdict = next(one["verdict"] for one in table if one["check"] == check)
    assert row["state"] == verdict or verdict == "inconclusive"
    gives_the_same_row(row["command"], check, page.parent, tmp_path)


def test_a_row_that_the_script_makes_is_like_the_others(browser, pages):
    opened(browser, pages["many"])
    rows(browser)
    table = browser.execute_script(
        "return [...document.querySelectorAll('#checks-table-1 tbody tr')].map(row => [row.dataset.state,"
        " row.dataset.claims, ...[...row.cells].map(cell => cell.firstChild?.textContent ?? '')])"
    )
    assert len(table) == ROWS
    with (pages["many"].parent / "checks.csv").open() as file:
        due = {row["check"]: row for row in csv.DictReader(file)}
    for state, claims, mark, check, n, *cells in (table[0], table[2000], table[-1]):
        row = due[check.replace("\u200b", "")]
        assert claims == row["claims"] and n.replace(",", "") == row["n"] and cells[-1] == row["unit"]
        assert mark.split(maxsplit=1)[1] == state and (state == row["verdict"] or row["verdict"] == "inconclusive")
        assert len(cells) == 9


def test_figures_and_counts_fit_a_phone(browser, pages):
    opened(browser, pages["wrong"], width=390)
    wide = """
    document.querySelector('.provenance').open = true;
    const boxes = [...document.querySelectorAll('figure, .first .wide')].filter(box => box.clientWidth);
    return [boxes.length, boxes.filter(box => box.scrollWidth > box.clientWidth).map(box => box.outerHTML.slice(0, 200))];
    """
    count, cut = browser.execute_script(wide)
    assert count > 1 and not cut
    across, room = browser.execute_script("return [document.scrollingElement.scrollWidth, innerWidth]")
    assert across <= room


def test_thousands_of_rows_are_sorted_between_two_frames(browser, pages, record_testsuite_property):
    """The time is told, not judged: machines differ."""
    opened(browser, pages["many"], address="#checks")
    script = """
    const done = arguments[0], start = performance.now();
    document.querySelectorAll('#checks-table-1 thead button')[2].click();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
    """
    spent = browser.execute_async_script(script)
    print(f"sorted {ROWS} rows in {spent:.0f} ms")
    record_testsuite_property("sort_ms", spent)
    assert len(rows(browser)) == ROWS
