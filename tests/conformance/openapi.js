// Copyright (c) 2026 golden.azure contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Checks exchanges (JSON lines on standard input, as {liveRequest, liveResponse}) against the OpenAPI files below a
// directory, with Microsoft's own validator (npm oav). A line "findings {...}" for each exchange on standard output.
// NODE_PATH names the folder that holds oav; the validator's own chatter stands between them.

"use strict";

const readline = require("readline");

const oav = require("oav");

function findings(result) {
  if (!result) {
    return [];
  }
  const found = (result.errors || []).map((error) => ({
    code: error.code,
    message: String(error.message),
    path: String((error.pathsInPayload || [""])[0]),
  }));
  if (result.runtimeException) {
    found.push({ code: result.runtimeException.code, message: String(result.runtimeException.message), path: "" });
  }
  return found;
}

async function main(directory) {
  const validator = new oav.LiveValidator({
    directory,
    fileRoot: directory,
    swaggerPathsPattern: ["specification/**/*.json"],
    excludedSwaggerPathsPattern: ["**/examples/**", "**/common-types/**"],
    git: { shouldClone: false },
    isPathCaseSensitive: false,
    loadValidatorInBackground: false,
    loadValidatorInInitialize: false,
    isArmCall: true,
  });
  await validator.initialize();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const result = await validator.validateLiveRequestResponse(JSON.parse(line));
    const answer = {
      request: findings(result.requestValidationResult),
      response: findings(result.responseValidationResult),
    };
    process.stdout.write(`\nfindings ${JSON.stringify(answer)}\n`);
  }
}

main(process.argv[2]).catch((reason) => {
  console.error(String(reason));
  process.exit(1);
});
