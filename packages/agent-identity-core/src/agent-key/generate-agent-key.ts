import { type AgentKey, agentKeyFromSeed } from './agent-key.js';

/** Makes a new agent key from the runtime's cryptographic random source. The private half is a secret. */
export function generateAgentKey(): AgentKey {
  return agentKeyFromSeed(crypto.getRandomValues(new Uint8Array(32)));
}
