import { createAgentIdentityAuth } from 'agent-identity-registry';
import { assertionSource } from '../credentials/assertion-source.js';
import { AgentRun, type TaskRegistrar } from '../run/agent-run.js';
import type { RunScopeState } from '../run/run-scope.js';
import type { StoredIdentity } from '../run/stored-identity.js';
import type { SessionCredentials } from './session-auth.js';

/** An agent identity whose run task is registered. */
export interface StartedAgentIdentity extends TaskRegistrar {
  readonly taskId: string;
  readonly stored: StoredIdentity | undefined;
  readonly reason: string;
}

/**
 * Creates the credentials of an agent identity. Each run that they are used in signs by its own clock, and all start with
 * the same task.
 *
 * @param scope The run that the identity was started in.
 * @throws AgentIdentityError `invalid_argument` for a task id that no header can hold
 */
export function agentIdentityCredentials(
  { identity, options, taskId, stored, reason }: StartedAgentIdentity,
  scope: RunScopeState,
): SessionCredentials {
  const openRun = (other: RunScopeState): AgentRun => {
    const auth = createAgentIdentityAuth(identity, taskId, { clock: other.clock.now });
    return new AgentRun({ auth, registrar: () => ({ identity, options }), stored }, other);
  };
  const runs = new WeakMap([[scope, openRun(scope)]]);
  return {
    kind: 'agent_identity',
    async openSource(other, { signal }) {
      const run = runs.get(other) ?? openRun(other);
      runs.set(other, run);
      await run.prepare(signal);
      return assertionSource(reason, run, other);
    },
  };
}
