# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of AWX that runs a process, as the identity of the process names it; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: What is between a process and its job.
_MARK = " job "
_JOB = re.compile(r"^(\d+) of (https?://\S+)$")


@dataclass(frozen=True)
class Job:
    """A job of an AWX."""

    number: str
    host: str

    @property
    def url(self) -> str:
        """Its page (awx/main/models/jobs.py, Job.get_ui_url)."""
        return f"{self.host}/#/jobs/playbook/{self.number}"

    @property
    def title(self) -> str:
        """Its name for people."""
        return f"job {self.number} of AWX, {self.url}"


def current_job(environment: Mapping[str, str]) -> Job | None:
    """The job whose environment it is (awx/main/tasks/jobs.py, build_env); None outside AWX."""
    number, host = environment.get("JOB_ID", ""), environment.get("AWX_HOST", "").rstrip("/")
    return Job(number, host) if _JOB.match(f"{number} of {host}") else None


def with_job(identity: str, job: Job | None) -> str:
    """The identity of a process together with that of its job."""
    return f"{identity}{_MARK}{job.number} of {job.host}" if job else identity


def without_job(identity: str) -> str:
    """The identity of a process alone, for processes.has_ended()."""
    return identity.partition(_MARK)[0]


def job_of(identity: str) -> Job | None:
    """The job in an identity; None if there is none."""
    found = _JOB.match(identity.partition(_MARK)[2])
    return Job(found[1], found[2]) if found else None
