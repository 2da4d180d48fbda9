#!/usr/bin/env node
// biome-ignore-all lint/style/noRestrictedGlobals: a program may use the process.
// biome-ignore-all lint/style/noProcessEnv: a program may read the environment.
import { once } from 'node:events';
import { runBrokerProgram } from './program/run-broker-program.js';

const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

// A reader such as head may stop reading.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exitCode = await runBrokerProgram(process.argv.slice(2), {
  environment: process.env,
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  async waitForShutdown() {
    await Promise.race(stopSignals.map((signal) => once(process, signal)));
    // A second signal ends the process immediately.
    for (const signal of stopSignals) process.once(signal, () => process.exit(1));
  },
});
