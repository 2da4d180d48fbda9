import { checkAssertions } from './check-assertions.mjs';
import { checkEdgeCases } from './check-edge-cases.mjs';
import { checkInstanceAssertions } from './check-instance-assertions.mjs';
import { checkKeys } from './check-keys.mjs';
import { checkSealedTaskIds } from './check-sealed-task-ids.mjs';
import { checkTampering } from './check-tampering.mjs';
import { checkTaskRegistrations } from './check-task-registrations.mjs';
import { createChecks } from './checks.mjs';

/**
 * The conformance suite of agent-identity-core for any runtime and either backend: every vector of
 * `tests/vectors/agent-identity.json`, `ed25519-edge-cases.json` and `runtime-agent-instances.json`, and tampered copies.
 *
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').Cases} cases
 * @returns {import('./checks.mjs').ConformanceResult[]}
 */
export function runConformance(core, { vectors, edgeCases, instances }) {
  const { results, check } = createChecks();
  checkKeys(check, core, vectors);
  checkAssertions(check, core, vectors);
  checkTaskRegistrations(check, core, vectors);
  checkSealedTaskIds(check, core, vectors);
  checkTampering(check, core, vectors);
  checkEdgeCases(check, core, edgeCases);
  checkInstanceAssertions(check, core, instances);
  return results;
}
