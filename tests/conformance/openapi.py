# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m conformance.openapi --openapi DIR LOG...`: logged exchanges against Azure's official OpenAPI files.

The api-version of each exchange is rewritten to the one of the files there are; requests that no file describes (login,
the control API, poll URLs) are counted, not checked.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

SCRIPT = Path(__file__).with_name("openapi.js")
VALIDATOR = "oav@4.0.3"
_SECONDS = 540
_MARK = "findings "

# What the OpenAPI files beside the traffic describe.
_VERSIONS: tuple[tuple[str, str], ...] = (
    # Asked of resources of every provider, and described by files of their own, which are not there.
    (r"/Microsoft\.(Authorization/permissions|PolicyInsights/)", ""),
    # The validator looks for this one in the files of the provider it names.
    (r"^/subscriptions/[^/]+/providers/[^/]+$", ""),
    (r"/Microsoft\.Authorization/locks", "2020-05-01"),
    (r"/Microsoft\.Resources/tags/", "2022-09-01"),
    (r"/Microsoft\.Compute/(disks|snapshots|diskEncryptionSets)(/|$)", "2024-03-02"),
    (r"/Microsoft\.Compute/(galleries|locations/[^/]+/(shared|community)Galleries)(/|$)", "2023-07-03"),
    (r"/Microsoft\.Compute/skus$", "2021-07-01"),
    (r"/Microsoft\.Compute/locations/[^/]+/(operations|DiskOperations|capsOperations)/", ""),
    (r"/Microsoft\.Compute/", "2024-07-01"),
    (r"/Microsoft\.ResourceGraph/", "2022-10-01"),
    (r"/Microsoft\.MarketplaceOrdering/", "2021-01-01"),
    (r"/Microsoft\.(Network|Authorization|VirtualMachineImages)", ""),
    (r"^/subscriptions/[^/]+/(resourceGroups|resources|tagNames|providers)", "2022-09-01"),
)

# Deviations of real Azure from its own files, seen in recorded traffic, and requests that are wrong on purpose.
_DOCUMENTED: tuple[tuple[str, str, str], ...] = (
    (
        r"^(PUT|PATCH) .*/(disks|snapshots|diskEncryptionSets)/",
        r"isArmResource|faultDomain|MISSING_RESOURCE_ID|OBJECT_MISSING_REQUIRED_PROPERTY.*(id|name|type)",
        "disks, snapshots and encryption sets answer 202 without id, some with isArmResource (recorded)",
    ),
    (r"^PUT .*/diskEncryptionSets/", r"INVALID_RESPONSE_CODE .*'201'", "answered by 2019-11-01 (recorded)"),
    (r"/disks/", r"readOnly", "Ultra disks answer readOnly (recorded)"),
    (r"/versions/", r"replicaType", "gallery and platform image versions answer replicaType (recorded)"),
    (
        r"/artifacttypes/vmimage/",
        r"sizeInGb|sizeInBytes|replicaCount|goLiveDate|extendedLocation|not allowed: properties ",
        "platform images and their lists answer more than the file says (recorded)",
    ),
    (
        r"/Microsoft\.Compute/galleries(/|$)",
        r"not allowed: (identity|retentionPeriodInDays|gracePeriodInDays|allowUpdateImage|startsAtVersion|restore) /",
        "newer than the file of galleries: azure-mgmt-compute 39 sends and reads it",
    ),
    (
        r"/versions(/|$)",
        r"blockDeletionBeforeEndOfLife",
        "newer than the file of galleries: described from 2025-03-03 on",
    ),
    (
        r"/Microsoft\.Compute/(disks|snapshots)(/|$)",
        r"not allowed: supportedSecurityOption ",
        "newer than the files of disks: azure-mgmt-compute 39 reads it",
    ),
    (
        r"/Microsoft\.Compute/",
        r"not allowed: systemData /",
        "newer than the files of Compute: azure-mgmt-compute 39 reads it",
    ),
    (
        r"^PUT .*/virtualMachines/",
        r"not allowed: tags /properties/networkProfile/networkInterfaceConfigurations/",
        "newer than the files of Compute: azure-mgmt-compute 39 sends tags of what a machine brings along",
    ),
    (r"^POST .*/share ?", r"INVALID_CONTENT_TYPE", "an empty 202 carries no content type (recorded)"),
    (
        r"/(disks|snapshots|diskEncryptionSets|runCommand|skus)(/|$)",
        r"INVALID_RESPONSE_CODE .*'(400|403|404|409|429|5\d\d)'",
        "the files of disks, of run commands and of SKUs describe no errors",
    ),
    (r"/Microsoft\.ResourceGraph/", r"/error/details/\d+/", "parser failures carry plain strings (recorded)"),
    # https://learn.microsoft.com/azure/governance/policy/concepts/effect-deny: Resource Manager answers in the providers' place.
    (r"^(PUT|PATCH) ", r"not allowed: additionalInfo /error/", "refusals by Azure Policy carry additionalInfo"),
    (r".", r"request: ENUM_CASE_MISMATCH", "clients write words in any casing, and Azure takes them"),
    (r".", r"OPERATION_NOT_FOUND_IN_CACHE .*verb", "a request for a type that does not exist, refused"),
)


@dataclass(frozen=True)
class Finding:
    """One complaint of the validator."""

    place: str
    side: str
    code: str
    message: str
    path: str

    def __str__(self) -> str:
        return f"{self.place} {self.side}: {self.code} {self.message} {self.path}".strip()


def version_for(path: str) -> str:
    """The api-version of the OpenAPI file which describes a path; empty when none does."""
    return next((version for pattern, version in _VERSIONS if re.search(pattern, path, re.IGNORECASE)), "")


def pair(line: dict[str, Any]) -> dict[str, Any] | None:
    """A logged exchange as the validator wants it; None when no file describes it or no answer was given."""
    request, response = line["request"], line["response"]
    parts = urlsplit(request["url"])
    version = version_for(unquote(parts.path))
    if not version or response["status"] is None:
        return None
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query["api-version"] = version
    sent = {"content-type": "application/json"} if request["body"] is not None else {}
    got = {name.lower(): value for name, value in (response["headers"] or {}).items()}
    return {
        "liveRequest": {
            "method": request["method"],
            "url": f"{parts.path}?{urlencode(query)}",
            "headers": sent,
            "query": query,
            **({} if request["body"] is None else {"body": request["body"]}),
        },
        "liveResponse": {
            "statusCode": str(response["status"]),
            "headers": got,
            **({} if response["body"] is None else {"body": response["body"]}),
        },
    }


def reason_for(finding: Finding) -> str | None:
    """Why a finding is no fault; None when it is one."""
    for place, pattern, reason in _DOCUMENTED:
        if re.search(place, finding.place, re.IGNORECASE) and re.search(pattern, str(finding)):
            return reason
    return None


def read(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The exchanges of log files."""
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            if line:
                yield json.loads(line)


def install(cache: Path) -> Path:
    """Install the validator into a folder if it is not there; return its node_modules."""
    modules = cache / "node_modules"
    if not (modules / "oav").is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(cache), VALIDATOR]
        subprocess.run(command, check=True, timeout=_SECONDS)
    return modules


def check(lines: Iterable[dict[str, Any]], openapi: Path, modules: Path) -> tuple[int, int, list[Finding]]:
    """Validate exchanges: how many were checked, how many could not be, and every finding.

    Requests are held against the files only where they were accepted: a refused one is often wrong on purpose.
    """
    pairs: list[tuple[str, dict[str, Any]]] = []
    skipped = 0
    seen: set[str] = set()
    for line in lines:
        made = pair(line)
        if made is None:
            skipped += 1
            continue
        key = json.dumps([made["liveRequest"], made["liveResponse"]["statusCode"], made["liveResponse"].get("body")])
        if key not in seen:
            seen.add(key)
            pairs.append((f"{line['request']['method']} {urlsplit(line['request']['url']).path}", made))
    done = subprocess.run(
        ["node", str(SCRIPT), str(openapi)],
        input="".join(json.dumps(item) + "\n" for _place, item in pairs),
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    answers = [json.loads(line[len(_MARK) :]) for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if done.returncode or len(answers) != len(pairs):
        raise RuntimeError(f"The validator ended with status {done.returncode}: {done.stderr.strip()[-400:]}")
    found = []
    for (place, item), answer in zip(pairs, answers, strict=True):
        sides = ["response"] if item["liveResponse"]["statusCode"] >= "400" else ["request", "response"]
        for side in sides:
            found += [Finding(place, side, one["code"], one["message"], one["path"]) for one in answer[side]]
    return len(pairs), skipped, found


def main(argv: list[str] | None = None) -> int:
    """Print what was found; exit 1 when a finding is not documented."""
    parser = argparse.ArgumentParser(prog="conformance.openapi")
    parser.add_argument("--openapi", type=Path, required=True, help="directory that holds specification/")
    parser.add_argument("--cache", type=Path, default=Path(".cache/oav"), help="where the validator is installed")
    parser.add_argument("logs", type=Path, nargs="+", help="logs of the embedded Azure (JSON lines)")
    options = parser.parse_args(argv)
    try:
        modules = install(options.cache.resolve())
        checked, skipped, found = check(read(options.logs), options.openapi.resolve(), modules)
    except (OSError, RuntimeError, subprocess.SubprocessError) as reason:
        print(f"openapi: {reason}", file=sys.stderr)
        return 2
    reasons = Counter(reason_for(finding) for finding in found)
    faults = reasons.pop(None, 0)
    shapes = Counter(str(item) for item in found if reason_for(item) is None)
    for text, count in shapes.most_common(40):
        print(f"{count:5}  {text[:300]}")
    for reason, count in reasons.items():
        print(f"{count:5}  documented: {reason}")
    print(
        f"openapi: {faults} unexplained findings in {checked} different exchanges ({skipped} not described by any file)"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
