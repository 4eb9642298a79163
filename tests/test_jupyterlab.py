"""Notebooks opened in a real JupyterLab in a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep

import pytest

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab on a free port of this machine, with settings of its own."""
    home = tmp_path_factory.mktemp("lab")
    for name in ("00_start_here.ipynb", "01_gdp_share.ipynb"):
        shutil.copy(NOTEBOOKS / name, home / name)
    settings = home / "settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}', encoding="utf-8"
    )
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ip=127.0.0.1", "--IdentityProvider.token="]
    environment = os.environ | {name: str(folder) for name, folder in folders.items()}
    environment.pop("PYTHONWARNDEFAULTENCODING", None)  # a check of ours; others would be told off
    with (home / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log)
    try:
        address, end = f"http://127.0.0.1:{port}", monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{address}/api/status", timeout=2)
                break
            except (urllib.error.URLError, OSError):
                assert monotonic() < end, (home / "log").read_text(encoding="utf-8")
                sleep(0.3)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def page(lab):
    playwright = pytest.importorskip("playwright.sync_api")
    assert BROWSER, "this test needs Chromium: apt-get install chromium"
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1200, "height": 5000})
        browser.close()


@pytest.mark.parametrize(
    ("notebook", "text"),
    [("00_start_here.ipynb", "已开工152项 + 已复工123项"), ("01_gdp_share.ipynb", "昌黎县")],
)
def test_a_notebook_runs_whole_in_jupyterlab(lab, page, notebook, text):
    page.goto(f"{lab}/lab/tree/{notebook}?reset")
    page.locator(".jp-StatusBar-TextItem", has_text="Idle").wait_for(timeout=90_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    last = page.locator(".jp-Notebook .jp-CodeCell .jp-InputArea-prompt").last
    end = monotonic() + 120
    while "[*]" in (said := last.inner_text()) or "[ ]" in said:
        assert monotonic() < end, f"the last cell still shows {said}"
        page.wait_for_timeout(500)
    assert page.locator(".jp-OutputArea-output table").count() > 0
    assert page.locator(".jp-OutputArea-output img").count() > 0
    assert text in page.locator(".jp-Notebook").inner_text()
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
