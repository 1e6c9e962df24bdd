#!/usr/bin/env node
// The executable: passes the arguments to the command line and its exit code to the shell.

import { ignoreClosedOutput } from './cli/lifecycle.ts';
import { run } from './cli/program.ts';

for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedOutput);

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
});
