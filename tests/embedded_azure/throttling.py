# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Token buckets per policy, as Compute throttles (Microsoft Learn, compute-throttling-limits, 2024-05).

Always counted, since every answer says what is left; enforced when the settings say so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .clock import Clock
from .errors import error

# policy: (refill per minute, maximum) for the subscription and region, then for the one resource.
POLICIES: dict[str, tuple[tuple[int, int], tuple[int, int] | None]] = {
    "PutVM": ((500, 1500), (4, 12)),
    "UpdateVM": ((500, 1500), (4, 12)),
    "DeleteVM": ((500, 1500), (4, 12)),
    "LowCostGet": ((8000, 24000), (12, 36)),
    "HighCostGet": ((300, 900), None),
    "GetOperation": ((5000, 15000), (15, 45)),
    "CreateImages": ((20, 60), None),
    "GetImages": ((120, 360), None),
    "HighCostGetImages": ((27, 80), None),
    "DeleteImages": ((60, 180), None),
    "CreateUpdateDisks": ((333, 1000), None),
    "DeleteDisks": ((333, 1000), None),
    "CreateUpdateGallery": ((17, 50), None),
    "CreateUpdateGalleryImage": ((50, 150), None),
    "CreateUpdateGalleryImageVersion": ((125, 375), None),
    "GetGallery": ((116, 350), None),
    "GetGalleryImage": ((200, 600), None),
    "GetGalleryImageVersion": ((666, 2000), None),
    "DeleteGalleryImageVersion": ((50, 150), None),
    "ResourceGraph": ((180, 15), None),
}


# ARM itself, per principal and region: refill per minute, burst, header, word of its refusal.
ARM_LIMITS: dict[str, tuple[tuple[int, int], str, str]] = {
    "read": ((25 * 60, 250), "reads", "Read"),
    "write": ((10 * 60, 200), "writes", "Write"),
    "delete": ((10 * 60, 200), "deletes", "Delete"),
}
_VERBS = {"GET": "read", "HEAD": "read", "DELETE": "delete"}


@dataclass
class _Bucket:
    left: float
    at: float


class Throttle:
    """Buckets of one embedded Azure."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, policy: str, region: str, resource: str, *, enforce: bool) -> dict[str, str]:
        """Take a token of each bucket of a policy; return the headers that say what is left.

        Raises AzureError 429 with Retry-After when a bucket is empty and `enforce` is set.
        """
        if policy not in POLICIES:
            return {}
        subscription, single = POLICIES[policy]
        wanted = [(f"{policy}SubscriptionMaximum", region, subscription)]
        if single:
            wanted.append((f"{policy}Resource", resource, single))
        buckets = [(name, self._bucket(f"{name}|{key}", limits), limits) for name, key, limits in wanted]
        for name, bucket, (refill, _maximum) in buckets:
            if enforce and bucket.left < 1:
                wait = max(1, math.ceil((1 - bucket.left) * 60 / refill))
                raise self._refusal(name, wait)
        shown = []
        for name, bucket, _limits in buckets:
            bucket.left = max(0.0, bucket.left - 1)
            shown.append(f"Microsoft.Compute/{name};{int(bucket.left)}")
        return {"x-ms-ratelimit-remaining-resource": ",".join(shown)}

    def take_arm(self, method: str, *, enforce: bool) -> dict[str, str]:
        """Take a token of ARM's own bucket for reads, writes or deletes; return the header that says what is left."""
        limits, header, operation = ARM_LIMITS[_VERBS.get(method, "write")]
        bucket = self._bucket(f"arm|{header}", limits)
        if enforce and bucket.left < 1:
            refusal = error("arm_throttled", operation=operation)
            refusal.headers["Retry-After"] = str(max(1, math.ceil((1 - bucket.left) * 60 / limits[0])))
            raise refusal
        bucket.left = max(0.0, bucket.left - 1)
        return {f"x-ms-ratelimit-remaining-subscription-{header}": str(int(bucket.left))}

    def _bucket(self, key: str, limits: tuple[int, int]) -> _Bucket:
        refill, maximum = limits
        now = self._clock.now().timestamp()
        bucket = self._buckets.setdefault((key, ""), _Bucket(float(maximum), now))
        bucket.left = min(float(maximum), bucket.left + (now - bucket.at) * refill / 60)
        bucket.at = now
        return bucket

    def reset(self) -> None:
        """Fill all buckets."""
        self._buckets.clear()

    @staticmethod
    def _refusal(name: str, wait: int) -> Exception:
        refusal = error("throttled")
        refusal.headers["Retry-After"] = str(wait)
        refusal.headers["x-ms-ratelimit-remaining-resource"] = f"Microsoft.Compute/{name};0"
        refusal.details = [
            {
                "code": "TooManyRequests",
                "target": name,
                "message": f'{{"operationGroup":"{name}","retryAfter":"{wait}"}}',
            }
        ]
        return refusal
