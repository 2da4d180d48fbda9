import type { HttpEffects, SecureUrlOptions } from 'agent-identity-core/http';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import type { AgentIdentityAuth } from './agent-identity-auth.js';

/** Where the run task is registered. */
export interface AgentIdentityAuthOptions extends SecureUrlOptions {
  /** See `resolveAuthapiBaseUrl`. */
  readonly authapiBaseUrl: string;
  /** How long one attempt to register the task may take, in seconds; 30 by default. */
  readonly timeLimitSeconds?: number | undefined;
}

export async function startAgentIdentityAuth(
  _record: AgentIdentityRecord,
  _options: AgentIdentityAuthOptions,
  _effects: HttpEffects = {},
): Promise<AgentIdentityAuth> {
  throw new Error('not built yet');
}
