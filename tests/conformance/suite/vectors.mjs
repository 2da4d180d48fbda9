/**
 * @typedef {typeof import('agent-identity-core')} Core
 * @typedef {ReturnType<typeof import('./checks.mjs').createChecks>['check']} Check
 * @typedef {typeof import('../../vectors/agent-identity.json')} Vectors
 * @typedef {typeof import('../../vectors/ed25519-edge-cases.json')} EdgeCases
 * @typedef {typeof import('../../vectors/runtime-agent-instances.json')} InstanceVectors
 * @typedef {{ vectors: Vectors, edgeCases: EdgeCases, instances: InstanceVectors }} Cases
 */

/**
 * Reads the key with this name.
 *
 * @param {Core} core
 * @param {Vectors} vectors
 * @param {string} name
 */
export function agentKeyNamed(core, vectors, name) {
  const entry = vectors.keys.find((key) => key.name === name);
  if (entry === undefined) throw new Error(`no key ${name} among the vectors`);
  return core.readAgentKey(entry.pkcs8_v1_base64);
}

/**
 * Reads a key with another name.
 *
 * @param {Core} core
 * @param {Vectors} vectors
 * @param {string} name
 */
export function agentKeyOtherThan(core, vectors, name) {
  const entry = vectors.keys.find((key) => key.name !== name);
  if (entry === undefined) throw new Error(`no other key than ${name} among the vectors`);
  return core.readAgentKey(entry.pkcs8_v1_base64);
}
