#!/usr/bin/env node
// biome-ignore-all lint/style/noRestrictedGlobals: a program may use the process.
// biome-ignore-all lint/style/noProcessEnv: a program may read the environment.
import { runCommandLine } from './program/run-command-line.js';

// A reader such as head may stop reading; commands that must know get the error from write.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  fetch: (input, init) => globalThis.fetch(input, init),
  clock: Date.now,
  write: (output) =>
    new Promise((resolve, reject) => {
      process.stdout.write(output, (error) => (error ? reject(error) : resolve()));
    }),
  writeError: (output) => void process.stderr.write(output),
  async readInput(maxBytes) {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of process.stdin) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxBytes) break;
    }
    return Buffer.concat(chunks).toString();
  },
  isInputTerminal: process.stdin.isTTY === true,
  isOutputTerminal: process.stdout.isTTY === true,
});
