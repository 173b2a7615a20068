# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token that the tasks of a run share: where it lies, who uses it, when it is not used."""

from __future__ import annotations

import os
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.clouds import Cloud
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.options import CredentialOptions
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.token_cache import CachedCredential, token_file
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from azure.core.credentials import AccessToken

SIGN_IN = CredentialOptions(
    "client_secret", "the environment", client_id="client", tenant="tenant", secret="the-secret"
)
CLOUD = Cloud("Test", "https://arm", "https://login", "https://arm")
SCOPE = "https://arm/.default"


class MachineClock:
    """Time as it is: the other tasks are threads of this test."""

    now = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


class Identity:
    """Counts how often it signs in."""

    def __init__(self, life: float = 3600, seconds: float = 0) -> None:
        self.signed_in = 0
        self.asked: list[dict[str, Any]] = []
        self._life = life
        self._seconds = seconds

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        assert scopes == (SCOPE,)
        time.sleep(self._seconds)
        self.signed_in += 1
        self.asked.append(options)
        return AccessToken(f"token-{self.signed_in}", int(time.time() + self._life))


def task(directory: Path, identity: Identity, sign_in: CredentialOptions = SIGN_IN) -> CachedCredential:
    """What one task of the run has."""
    return CachedCredential(token_file(str(directory), sign_in, CLOUD), lambda: identity, Deadline(60, MachineClock()))


def test_the_second_task_does_not_sign_in(tmp_path: Path) -> None:
    identity = Identity()
    tokens = [task(tmp_path, identity).get_token(SCOPE).token for _task in range(3)]
    assert tokens == ["token-1"] * 3
    assert identity.signed_in == 1


def test_only_its_user_can_read_the_file(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        task(tmp_path, Identity()).get_token(SCOPE)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_the_secret_is_in_no_file_and_no_name(tmp_path: Path) -> None:
    task(tmp_path, Identity()).get_token(SCOPE)
    for path in tmp_path.iterdir():
        assert "the-secret" not in path.name + path.read_text()


@pytest.mark.parametrize("other", [{"secret": "another"}, {"client_id": "another"}, {"tenant": "another"}])
def test_another_sign_in_has_a_token_of_its_own(tmp_path: Path, other: dict[str, str]) -> None:
    identity = Identity()
    task(tmp_path, identity).get_token(SCOPE)
    task(tmp_path, identity, replace(SIGN_IN, **other)).get_token(SCOPE)
    assert identity.signed_in == 2


def test_a_token_that_is_about_to_end_is_not_used(tmp_path: Path) -> None:
    identity = Identity(life=200)
    task(tmp_path, identity).get_token(SCOPE)
    task(tmp_path, identity).get_token(SCOPE)
    assert identity.signed_in == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"token": "x"}', '{"token": "x", "expires_on": "soon"}'])
def test_a_file_that_is_not_whole_is_fetched_anew(tmp_path: Path, content: str) -> None:
    identity = Identity()
    Path(token_file(str(tmp_path), SIGN_IN, CLOUD)).write_text(content)
    assert task(tmp_path, identity).get_token(SCOPE).token == "token-1"


def test_an_answer_to_a_challenge_is_asked_for_and_not_kept(tmp_path: Path) -> None:
    identity = Identity()
    credential = task(tmp_path, identity)
    credential.get_token(SCOPE)
    assert credential.get_token(SCOPE, claims="more").token == "token-2"
    assert identity.asked[-1] == {"claims": "more"}
    assert credential.get_token(SCOPE).token == "token-1"


def test_a_token_that_azure_refuses_is_forgotten(tmp_path: Path) -> None:
    identity = Identity()
    credential = task(tmp_path, identity)
    refused = credential.get_token(SCOPE).token
    credential.forget(refused)
    credential.forget(refused)
    assert task(tmp_path, identity).get_token(SCOPE).token == "token-2"
    # Somebody else has had it renewed meanwhile.
    credential.forget(refused)
    assert task(tmp_path, identity).get_token(SCOPE).token == "token-2"


def test_where_a_token_cannot_be_kept_each_task_signs_in(tmp_path: Path) -> None:
    identity = Identity()
    for _task in range(2):
        task(tmp_path / "missing", identity).get_token(SCOPE)
    folder = Path(token_file(str(tmp_path), SIGN_IN, CLOUD))
    folder.mkdir()
    task(tmp_path, identity).get_token(SCOPE)
    assert identity.signed_in == 3


def test_many_tasks_at_once_sign_in_once(tmp_path: Path) -> None:
    identity = Identity(seconds=0.05)
    threads = [threading.Thread(target=task(tmp_path, identity).get_token, args=(SCOPE,)) for _task in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert identity.signed_in == 1


def test_a_token_for_storage_is_another_file(tmp_path: Path) -> None:
    """Otherwise, Resource Manager's token would be sent to storage, and the other way round."""
    of_storage = token_file(str(tmp_path), SIGN_IN, CLOUD, "https://storage.azure.com/.default")
    assert of_storage != token_file(str(tmp_path), SIGN_IN, CLOUD)
