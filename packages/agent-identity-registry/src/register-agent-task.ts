import type { AgentKey } from 'agent-identity-core';
import type { HttpEffects, SecureUrlOptions } from 'agent-identity-core/http';

/** What registers a task (protocol section 5). There is no target, kind or reference to give: the task is the backend's. */
export interface AgentTaskRegistration extends SecureUrlOptions {
  /** See `resolveAuthapiBaseUrl`. */
  readonly authapiBaseUrl: string;
  /** The id that the runtime was registered under. */
  readonly agentRuntimeId: string;
  /** The runtime's key: it signs the registration and opens a sealed answer. */
  readonly agentKey: AgentKey;
  /** How long one attempt may take, in seconds, the reading of its answer included; 30 by default. */
  readonly timeLimitSeconds?: number | undefined;
}

export async function registerAgentTask(
  _registration: AgentTaskRegistration,
  _effects: HttpEffects = {},
): Promise<string> {
  throw new Error('not built yet');
}
