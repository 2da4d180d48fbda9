#!/usr/bin/env node
// biome-ignore-all lint/style/noRestrictedGlobals: a program may use the process.
// biome-ignore-all lint/style/noProcessEnv: a program may read the environment.
import { once } from 'node:events';
import { runCommandLine } from './commands/run-command-line.js';

const stopSignals = ['SIGTERM', 'SIGINT'] as const;

// A reader such as head may stop reading; commands that must know get the error from write.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  fetch: (input, init) => globalThis.fetch(input, init),
  clock: Date.now,
  write: (text) =>
    new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
    }),
  writeError: (text) => process.stderr.write(text),
  isOutputTerminal: process.stdout.isTTY === true,
  outputColumns: process.stdout.columns,
  log: process.stdout,
  async waitForShutdown() {
    await Promise.race(stopSignals.map((signal) => once(process, signal)));
    // A second signal ends the process immediately.
    for (const signal of stopSignals) process.once(signal, () => process.exit(1));
  },
});
