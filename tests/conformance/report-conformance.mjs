/**
 * Runs the conformance suite on the runtime that runs this file, and prints the report as JSON: Node, Deno and Bun.
 * Core is imported as its users import it, so that the runtime's own conditions choose the backend.
 */
import { readFile } from 'node:fs/promises';
import * as core from 'agent-identity-core';
import { backendOf, describeRuntime } from './suite/describe-runtime.mjs';
import { runConformance } from './suite/run-conformance.mjs';

/** @param {string} name */
const readVectors = async (name) =>
  JSON.parse(await readFile(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));

const results = runConformance(core, {
  vectors: await readVectors('agent-identity'),
  edgeCases: await readVectors('ed25519-edge-cases'),
});
console.log(JSON.stringify({ runtime: describeRuntime(), backend: backendOf(core), results }));
