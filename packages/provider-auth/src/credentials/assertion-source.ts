import { untilAborted } from 'agent-identity-core/http';
import type { AgentRun } from '../run/agent-run.js';
import type { RunScopeState } from '../run/run-scope.js';
import type { CredentialSource } from './credential-source.js';
import type { ProviderCredentials, ProviderResponse } from './provider-credentials.js';
import { isRefusal, readRefusal } from './read-refusal.js';

/** Why a request is retried. Each reason counts once per request. */
type RetryReason = 'task_replaced' | 'clock_corrected';

/** Creates a source that signs an assertion for each request (docs/protocol.md section 10). */
export function assertionSource(reason: string, run: AgentRun, scope: RunScopeState): CredentialSource {
  return {
    kind: 'agent_assertion',
    reason,
    get actingAgent() {
      return { agentRuntimeId: run.agentRuntimeId, taskId: run.task.taskId };
    },
    prepare: (signal) => run.prepare(signal),
    credentials: () => assertionCredentials(run, scope, new Set()),
  };
}

/**
 * @throws AgentIdentityError `agent_runtime_deleted`, `invalid_agent_runtime_id` if the run has ended;
 * `signature_not_prepared` and the codes of a signer
 */
function assertionCredentials(
  run: AgentRun,
  scope: RunScopeState,
  usedRetryReasons: ReadonlySet<RetryReason>,
): ProviderCredentials {
  run.requireNotEnded();
  const { taskId, closeSignal } = run.task;
  const { headers, offsetSeconds: signedOffsetSeconds } = run.task.signedHeaders();

  async function findRetryReason(response: ProviderResponse): Promise<RetryReason | undefined> {
    // Compared with the time when the response arrived, before its body is read.
    const serverOffsetSeconds = scope.clock.offsetOf(response.date);
    switch (await readRefusal(response)) {
      case 'task_gone':
        if (usedRetryReasons.has('task_replaced')) return undefined;
        return (await run.replaceTask(taskId)) ? 'task_replaced' : undefined;
      case 'runtime_deleted':
        await run.end('agent_runtime_deleted');
        return undefined;
      case 'clock_suspected': {
        if (usedRetryReasons.has('clock_corrected')) return undefined;
        const sample = { serverOffsetSeconds, signedOffsetSeconds, server: 'provider' } as const;
        return scope.clock.learn(sample) ? 'clock_corrected' : undefined;
      }
      default:
        return undefined;
    }
  }

  return {
    headers,
    mayRetry: true,
    closeSignal,
    async afterResponse(response, { signal } = {}) {
      if (!isRefusal(response)) {
        if (response.status < 400) run.markAccepted(taskId);
        return undefined;
      }
      const reason = await untilAborted(findRetryReason(response), signal);
      if (reason === undefined) return undefined;
      // A signer that fails now is an outage. The refusal, returned as it is, would look like bad credentials.
      await run.prepare(signal);
      return assertionCredentials(run, scope, new Set([...usedRetryReasons, reason]));
    },
    forRedirect: () => assertionCredentials(run, scope, usedRetryReasons),
  };
}
