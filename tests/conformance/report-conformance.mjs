/**
 * Runs the conformance suite on the runtime that runs this file (Node, Deno or Bun) and prints the report as JSON. Imports
 * core by its package name, so that the runtime's conditions select the backend.
 */
import { readFile } from 'node:fs/promises';
import * as core from 'agent-identity-core';
import { describeRuntime, detectBackend } from './suite/describe-runtime.mjs';
import { runConformance } from './suite/run-conformance.mjs';

/** @param {string} name */
const readVectors = async (name) =>
  JSON.parse(await readFile(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));

const results = runConformance(core, {
  vectors: await readVectors('agent-identity'),
  edgeCases: await readVectors('ed25519-edge-cases'),
  instances: await readVectors('runtime-agent-instances'),
});
console.log(JSON.stringify({ runtime: describeRuntime(), backend: detectBackend(core), results }));
