/**
 * Runs the conformance suite in a browser page or worker. It is bundled with core and the vectors as a user would bundle it.
 */
import * as core from 'agent-identity-core';
import { describeRuntime, detectBackend } from '../conformance/suite/describe-runtime.mjs';
import { runConformance } from '../conformance/suite/run-conformance.mjs';
import vectors from '../vectors/agent-identity.json' with { type: 'json' };
import edgeCases from '../vectors/ed25519-edge-cases.json' with { type: 'json' };
import instances from '../vectors/runtime-agent-instances.json' with { type: 'json' };

const report = {
  runtime: describeRuntime(),
  backend: detectBackend(core),
  results: runConformance(core, { vectors, edgeCases, instances }),
};
/** @type {any} */ (globalThis).dispatchEvent(new CustomEvent('conformance', { detail: report }));
