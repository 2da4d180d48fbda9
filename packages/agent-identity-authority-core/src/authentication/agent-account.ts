import type { AgentDescription } from '../runtimes/agent-description.js';

/** The account of an agent runtime, as an Agent Identity JWT carries it (docs/protocol.md section 7). */
export interface AgentAccount {
  /** Owns the runtime: requests of the agent name it in `ChatGPT-Account-ID`, so it is visible ASCII without spaces. */
  readonly accountId: string;
  readonly chatgptUserId: string;
  /** An empty address counts as none. */
  readonly email?: string | undefined;
  /** Such as `business`; see `planTypeSchema` of agent-identity-core/wire. */
  readonly planType: string;
  readonly isFedramp: boolean;
  /** What agents of the account may do: a registration is granted those that it asks for. Default: nothing. */
  readonly capabilities?: readonly string[] | undefined;
  /** What agents that register with this credential are called. Default: nothing. */
  readonly agent?: AgentDescription | undefined;
}
