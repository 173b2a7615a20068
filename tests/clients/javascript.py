# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JavaScript SDK of Azure: @azure/arm-compute with @azure/identity, from npm."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from .client import Client
from .environments import install, once
from .session import GROUP, LOCATION, STEP_SECONDS, ClientError, Session

SOURCES = Path(__file__).with_name("javascript")
_PACKAGE = "@azure/arm-compute"
_MARK = "done: "


class JavaScriptSdk(Client):
    """Runs javascript/steps.mjs, which does by the SDK what az and the others do."""

    name = "javascript"
    title = "@azure/arm-compute (JavaScript)"
    steps = (
        "create a machine",
        "read its instance view",
        "deallocate",
        "generalize",
        "create an image of it",
        "list images, page by page",
        "create a gallery, a definition and a version",
        "read the replication of the version",
        "delete the version, the definition and the gallery",
        "delete the image",
        "read of the deleted image that it is not found",
    )

    def install(self, place: Path) -> str:
        """By npm ci, from the lock file."""
        modules = place / "environment"
        lock = (SOURCES / "package-lock.json").read_text(encoding="utf-8")
        with once(modules, lock) as wanted:
            if wanted:
                for name in ("package.json", "package-lock.json"):
                    shutil.copy(SOURCES / name, modules / name)
                install(self.title, ["npm", "ci", "--silent", "--no-fund", "--no-audit"], modules)
        # The script must lie beside the modules it imports.
        shutil.copy(SOURCES / "steps.mjs", modules / "steps.mjs")
        return str(json.loads(lock)["packages"][f"node_modules/{_PACKAGE}"]["version"])

    def run(self, session: Session) -> Iterator[str]:
        """One process for all steps, which says what it has done."""
        settings = session.azure.settings
        extra = {
            "AZURE_TENANT_ID": settings.tenant,
            "AZURE_CLIENT_ID": settings.client,
            "AZURE_CLIENT_SECRET": settings.secret,
            "SUBSCRIPTION": settings.subscription,
            "GROUP": GROUP,
            "LOCATION": LOCATION,
        }
        session.azure.seed({"groups": {GROUP: LOCATION}})
        command = ["node", session.place / "environment" / "steps.mjs"]
        said = session.run("steps.mjs", command, extra, STEP_SECONDS)
        done = [line.removeprefix(_MARK) for line in said.splitlines() if line.startswith(_MARK)]
        if tuple(done) != self.steps:
            raise ClientError(f"steps.mjs: it did {done}.")
        yield from done
        left = [id for id in session.azure.resources() if "/images/" in id or "/galleries/" in id]
        session.expect(done[-1], not left, f"there still is {left}")
