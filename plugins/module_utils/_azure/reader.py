# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The read interface of Resource Manager, implemented by the client and by the cached reader."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Callable, Protocol

from ansible_collections.golden.azure.plugins.module_utils._azure.version_negotiation import ApiVersions
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId


class ArmReader(Protocol):
    """The read interface of Resource Manager, implemented by the client and by the cached reader."""

    @property
    def subscription_id(self) -> str:
        """The default subscription for names."""

    @property
    def account(self) -> dict[str, str | None]:
        """The signed-in identity and its subscription."""

    @property
    def is_user(self) -> bool:
        """Whether a user has signed in."""

    @property
    def has_used_mfa(self) -> bool:
        """Whether the user has used multi-factor authentication, as far as that is known."""

    @property
    def api_versions(self) -> ApiVersions:
        """The API versions that are used, some of which may be older than the tested ones."""

    def get(self, resource: ResourceId, **parameters: str) -> dict[str, Any] | None:
        """As :meth:`ArmClient.get`."""

    def list(self, path: str, api_version_key: str, what: str, **parameters: str) -> Iterator[dict[str, Any]]:
        """As :meth:`ArmClient.list`."""

    def read(self, path: str, api_version_key: str, what: str) -> dict[str, Any]:
        """As :meth:`ArmClient.read`."""

    def query(self, path: str, api_version_key: str, question: Mapping[str, Any], what: str) -> dict[str, Any]:
        """As :meth:`ArmClient.query`."""

    def once(self, question: Hashable, query: Callable[[], Any]) -> Any:
        """As :meth:`ArmClient.once`."""
