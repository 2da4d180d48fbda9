import type { AgentSigner } from '../agent-signer/agent-signer.js';

/** The signed proof that an agent runtime acts under a task at a given second (docs/protocol.md section 3). */
export interface AgentAssertion {
  readonly agentRuntimeId: string;
  readonly taskId: string;
  /** RFC 3339, UTC, whole seconds, `Z`. */
  readonly timestamp: string;
  /** Standard base64 of the 64-byte signature. */
  readonly signature: string;
}

/** The signer of an assertion: a key, the runtime for which it is registered, and one of the runtime's tasks. */
export interface AssertionSubject {
  /** An `AgentKey`, or another signer that returns 64-byte Ed25519 signatures synchronously. */
  readonly agentKey: { sign(message: Uint8Array): Uint8Array };
  readonly agentRuntimeId: string;
  readonly taskId: string;
}

/** An {@link AssertionSubject} whose key lives outside of this process. */
export interface SignerAssertionSubject extends Omit<AssertionSubject, 'agentKey'> {
  readonly signer: AgentSigner;
}
