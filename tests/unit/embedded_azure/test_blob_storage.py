# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where there is no storage for uploads, that is said in a sentence; with it, tests/integration/test_upload.py works."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedded_azure.blob_storage import StorageUnavailable, install


def test_without_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StorageUnavailable, match="there is no npm; install Node"):
        install(tmp_path / "cache")


def test_npm_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm ERR! network' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    for _attempt in range(2):
        # What was not installed whole does not count.
        with pytest.raises(StorageUnavailable, match="cannot be installed: npm ERR! network"):
            install(tmp_path / "cache")
