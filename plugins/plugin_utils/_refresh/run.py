# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a refresh run from the records of its images; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils.formatting import InvalidTimestamp, parse_required_timestamp

#: The results of an image's refresh, failures first, in the order of the report.
RESULTS = ("failed", "planned", "verified", "promoted", "skipped")

#: Version of the report's schema; it is increased if the meaning of a property changes.
SCHEMA_VERSION = 1


class InvalidRecord(ValueError):
    """An invalid record."""


def seconds_between(earlier: str, later: str) -> float:
    """Seconds between two timestamps, at least 0.

    :raises InvalidTimestamp: for an invalid timestamp.
    """
    return max(0.0, (parse_required_timestamp(later) - parse_required_timestamp(earlier)).total_seconds())


def build_report(
    records: Iterable[Mapping[str, Any]],
    run: str,
    expected: Iterable[str] = (),
    in_awx: bool = False,
    inventory: Iterable[str] = (),
) -> dict[str, Any]:
    """The report of a run.

    :param records: one of each image, as the role golden_image writes them.
    :param run: the id of the run.
    :param expected: names of the images that were to be refreshed; one without a record counts as failed.
    :param in_awx: whether its readers use AWX, and not a command line.
    :param inventory: the sources of the inventory, for commands.
    :raises InvalidRecord: if a record lacks required keys.
    """
    images = [_checked(dict(record)) for record in records]
    images += [_missing_record(name) for name in sorted(set(expected) - {image["name"] for image in images})]
    images = [{**image, "in_awx": in_awx} for image in images]
    images.sort(key=lambda image: (RESULTS.index(image["result"]), image["name"]))
    timed = [image for image in images if image.get("started")]
    started = min((image["started"] for image in timed), key=parse_required_timestamp, default=None)
    finished = max((image["finished"] for image in timed), key=parse_required_timestamp, default=None)
    longest = max(timed, key=lambda image: image["seconds"], default=None)
    counts = Counter(image["result"] for image in images)
    return {
        "schema_version": SCHEMA_VERSION,
        "run": run,
        "in_awx": in_awx,
        "inventory": [str(source) for source in inventory],
        "started": started,
        "finished": finished,
        "seconds": seconds_between(started, finished) if started and finished else 0.0,
        "longest": {"name": longest["name"], "seconds": longest["seconds"]} if longest else None,
        "counts": {result: counts[result] for result in RESULTS},
        "images": images,
    }


def _checked(record: dict[str, Any]) -> dict[str, Any]:
    missing = [key for key in ("name", "result", "started", "finished") if not record.get(key)]
    if missing:
        raise InvalidRecord(
            f"A record of an image lacks {', '.join(missing)}: it was not created by the role "
            "golden.azure.golden_image."
        )
    if record["result"] not in RESULTS:
        raise InvalidRecord(f"The record of image '{record['name']}' has the unknown result '{record['result']}'.")
    try:
        for stage in record.get("stages") or []:
            parse_required_timestamp(stage["started"])
        # Before ansible-core 2.19, numbers in facts are text.
        stages = [{**stage, "seconds": float(stage["seconds"])} for stage in record.get("stages") or []]
        return {**record, "stages": stages, "seconds": seconds_between(record["started"], record["finished"])}
    except InvalidTimestamp as error:
        raise InvalidRecord(f"The record of image '{record['name']}' cannot be read: {error}") from error


def _missing_record(name: str) -> dict[str, Any]:
    message = "It has no record: its run was terminated; see the job's output."
    return {
        "name": name,
        "result": "failed",
        "reason": "",
        "reason_code": "no_record",
        "failure": {"stage": "run", "message": message},
        "stages": [],
        "seconds": 0.0,
    }
