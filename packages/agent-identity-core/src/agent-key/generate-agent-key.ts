import { type AgentKey, agentKeyFromSeed } from './agent-key.js';

/**
 * Generates an agent key with the runtime's cryptographic random source. The private half is a **secret**.
 *
 * @example
 * ```ts
 * import { generateAgentKey } from 'agent-identity-core';
 *
 * const agentKey = generateAgentKey();
 * const line = agentKey.publicKey.ssh; // 'ssh-ed25519 AAAA…', for the authority
 * ```
 */
export function generateAgentKey(): AgentKey {
  return agentKeyFromSeed(crypto.getRandomValues(new Uint8Array(32)));
}
