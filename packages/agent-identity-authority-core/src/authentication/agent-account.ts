/** Whom an agent runtime belongs to, and what an Agent Identity JWT says of them (docs/protocol.md section 7). */
export interface AgentAccount {
  /** Owns the runtime: requests of the agent name it in `ChatGPT-Account-ID`. */
  readonly accountId: string;
  readonly chatgptUserId: string;
  /** None if left out or empty. */
  readonly email?: string | undefined;
  /** Such as `business`; see `planTypeSchema` of agent-identity-core/wire. */
  readonly planType: string;
  readonly isFedramp: boolean;
}
