/** The signed proof that an agent runtime acts under a task, at a second (docs/protocol.md section 3). */
export interface AgentAssertion {
  readonly agentRuntimeId: string;
  readonly taskId: string;
  /** RFC 3339, UTC, whole seconds, `Z`. */
  readonly timestamp: string;
  /** Standard base64 of the 64-byte signature. */
  readonly signature: string;
}

/** What an assertion is made of: a key, the runtime that it was registered for, and one of the runtime's tasks. */
export interface AssertionSubject {
  readonly agentKey: { sign(message: Uint8Array): Uint8Array };
  readonly agentRuntimeId: string;
  readonly taskId: string;
}
