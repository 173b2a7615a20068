# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Ask AWX whether a job has ended.

A job that was canceled ends without a chance to clean up, and its process cannot be seen from the pod of the next job. A job has no
token of its own (awx/main/tasks/jobs.py sets only JOB_ID and AWX_HOST): AWX is asked if a credential of its type for AWX is attached
to the job template, which sets CONTROLLER_HOST and CONTROLLER_OAUTH_TOKEN.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from ansible_collections.golden.azure.plugins.module_utils._core.awx_job import current_job, job_of, without_job
from ansible_collections.golden.azure.plugins.module_utils._local import processes

#: States in which a job does not run any more (awx/main/models/unified_jobs.py, UnifiedJob.STATUS_CHOICES).
_ENDED = ("successful", "failed", "error", "canceled")
#: Of AWX, and of the controller of Ansible Automation Platform behind its gateway.
_ROOTS = ("/api/v2", "/api/controller/v2")
_TIMEOUT = 30
_OK = 200


def run_has_ended(identity: str) -> bool:
    """Whether a run is known to have ended: its process, or the job of AWX that ran it."""
    return processes.has_ended(without_job(identity)) or job_has_ended(identity)


def job_has_ended(identity: str, environment: Mapping[str, str] | None = None) -> bool:
    """Whether AWX says that the job of a process has ended.

    Only the AWX of the credential is asked, and only about jobs of the AWX that runs this job: the tags of a resource must not choose
    who gets the token.

    :param environment: by default, that of this process.
    """
    environment = os.environ if environment is None else environment
    job, own = job_of(identity), current_job(environment)
    address, token = environment.get("CONTROLLER_HOST", ""), environment.get("CONTROLLER_OAUTH_TOKEN", "")
    if job is None or own is None or job.host != own.host or not (address and token):
        return False
    verify = environment.get("CONTROLLER_VERIFY_SSL", "").lower() not in ("false", "no", "0", "off")
    return any(_status(address, root, job.number, token, verify) in _ENDED for root in _ROOTS)


def _status(address: str, root: str, number: str, token: str, verify: bool) -> str:
    """The state of a job; empty if AWX does not say."""
    parts = urlsplit(address if "://" in address else f"https://{address}")
    connection: http.client.HTTPConnection
    try:
        if parts.scheme == "http":
            connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT)
        else:
            context = ssl.create_default_context()
            context.check_hostname = verify
            context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
            connection = http.client.HTTPSConnection(parts.netloc, timeout=_TIMEOUT, context=context)
        try:
            path = f"{parts.path.rstrip('/')}{root}/jobs/{number}/"
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})
            answer = connection.getresponse()
            body = json.loads(answer.read()) if answer.status == _OK else {}
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException):
        return ""
    return str(body.get("status", "")) if isinstance(body, dict) else ""
