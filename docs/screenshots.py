"""The first screen of a run's page as pictures for the documentation: light, dark, and on a phone.

``python docs/screenshots.py build/run`` writes docs/report.png, report-dark.png and report-phone.png; it needs selenium and
the system's Chromium with its driver.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
PICTURES = {
    "report.png": ("light", 1280, 900),
    "report-dark.png": ("dark", 1280, 900),
    "report-phone.png": ("light", 390, 800),
}


def main(page: Path) -> None:
    """Take the pictures of a page."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(word)
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    driver = shutil.which("chromedriver")
    if not (options.binary_location and driver):
        sys.exit("needs Chromium and its driver: install chromium and chromium-driver")
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(driver)) as browser:
        for name, (scheme, width, height) in PICTURES.items():
            metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            features = [{"name": "prefers-color-scheme", "value": scheme}]
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
            browser.get(page.resolve().as_uri())
            browser.save_screenshot(str(HERE / name))


if __name__ == "__main__":
    main(Path(sys.argv[1]) / "report.html")
