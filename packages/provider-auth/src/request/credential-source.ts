import type { ActingAgent, CredentialKind } from '../resolved-provider-auth.js';
import type { AgentRun } from '../run/agent-run.js';
import type { RunScopeState } from '../run/run-scope.js';
import { assertionCredentials } from './assertion-credentials.js';
import { type ProviderCredentials, plainCredentials } from './request-credentials.js';

/** What gives the requests of one provider their credentials. */
export interface CredentialSource {
  readonly kind: CredentialKind;
  /** Why it was chosen; a sentence for people. */
  readonly reason: string;
  actingAgent(): ActingAgent | undefined;
  prepare(signal: AbortSignal | null | undefined): Promise<void>;
  credentials(): ProviderCredentials;
}

/** The same headers for every request. */
export function fixedSource(
  kind: CredentialKind,
  reason: string,
  headers: Readonly<Record<string, string>>,
): CredentialSource {
  const credentials = plainCredentials(Object.freeze({ ...headers }));
  return {
    kind,
    reason,
    actingAgent: () => undefined,
    prepare: async () => {},
    credentials: () => credentials,
  };
}

/** An assertion for each request. */
export function assertionSource(reason: string, run: AgentRun, scope: RunScopeState): CredentialSource {
  return {
    kind: 'agent_assertion',
    reason,
    actingAgent: () => ({ agentRuntimeId: run.agentRuntimeId, taskId: run.task.taskId }),
    prepare: async () => {},
    credentials: () => assertionCredentials({ run, scope }),
  };
}
