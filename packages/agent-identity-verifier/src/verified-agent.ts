/** The agent that a verified assertion identifies. Contains no secret. */
export interface VerifiedAgent {
  readonly agentRuntimeId: string;
  readonly taskId: string;
  /** The account that owns the runtime, from the directory. */
  readonly accountId: string;
  /** When the agent signed, by the agent's clock: RFC 3339, UTC, whole seconds. */
  readonly signedAt: string;
}
