/**
 * Runs the conformance suite in a browser, in a page and in a worker alike: bundled with core and the vectors, as a
 * user's bundler would.
 */
import * as core from 'agent-identity-core';
import { backendOf, describeRuntime } from '../conformance/suite/describe-runtime.mjs';
import { runConformance } from '../conformance/suite/run-conformance.mjs';
import vectors from '../vectors/agent-identity.json' with { type: 'json' };
import edgeCases from '../vectors/ed25519-edge-cases.json' with { type: 'json' };

const report = {
  runtime: describeRuntime(),
  backend: backendOf(core),
  results: runConformance(core, { vectors, edgeCases }),
};
/** @type {any} */ (globalThis).dispatchEvent(new CustomEvent('conformance', { detail: report }));
