#!/usr/bin/env node
// biome-ignore-all lint/style/noRestrictedGlobals: this is the program, which has the process.
// biome-ignore-all lint/style/noProcessEnv: likewise.
import { once } from 'node:events';
import { runCommandLine } from './commands/run-command-line.js';

const stopSignals = ['SIGTERM', 'SIGINT'] as const;

process.exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  fetch: (input, init) => globalThis.fetch(input, init),
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  log: process.stdout,
  async waitForShutdown() {
    await Promise.race(stopSignals.map((signal) => once(process, signal)));
    // Whoever asks again does not want to wait.
    for (const signal of stopSignals) process.once(signal, () => process.exit(1));
  },
});
