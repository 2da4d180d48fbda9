import type { AgentRun } from '../run/agent-run.js';
import { learnClockOffset } from '../run/learn-clock-offset.js';
import type { RunScopeState } from '../run/run-scope.js';
import { untilAborted } from '../until-aborted.js';
import { isRefusal, readRefusal } from './invalid-task.js';
import type { ProviderAnswer, ProviderCredentials } from './request-credentials.js';

/** Why a request is sent once more. */
type RepeatReason = 'task_replaced' | 'clock_corrected';

/** Who signs, and at what. */
export interface AssertionSource {
  readonly run: AgentRun;
  readonly scope: RunScopeState;
}

/**
 * Signs one request under the run's task (docs/protocol.md section 10), and says what to do about the answer.
 *
 * @param spent The reasons for which this request was repeated before.
 * @throws AgentIdentityError `agent_runtime_deleted`, `invalid_agent_runtime_id`: the run has ended
 */
export function assertionCredentials(
  source: AssertionSource,
  spent: ReadonlySet<RepeatReason> = new Set(),
): ProviderCredentials {
  const { run, scope } = source;
  run.requireNotEnded();
  const { taskId, auth, closeSignal } = run.task;
  const signedOffsetSeconds = scope.clock.offsetSeconds;
  const headers = auth.headers();

  async function reasonToRepeat(answer: ProviderAnswer): Promise<RepeatReason | undefined> {
    // The date is compared with the time at which the answer came, not with that at which its body was read.
    const serverOffsetSeconds = scope.clock.offsetOf(answer.date);
    switch (await readRefusal(answer)) {
      case 'task_invalid':
        if (spent.has('task_replaced')) return undefined;
        return (await run.replaceTask(taskId)) ? 'task_replaced' : undefined;
      case 'runtime_deleted':
        run.end('agent_runtime_deleted');
        return undefined;
      case 'maybe_clock': {
        if (spent.has('clock_corrected')) return undefined;
        const testimony = { serverOffsetSeconds, signedOffsetSeconds, server: 'provider' } as const;
        return learnClockOffset(scope, testimony) ? 'clock_corrected' : undefined;
      }
      default:
        return undefined;
    }
  }

  return {
    headers,
    mayRepeat: true,
    closeSignal,
    async afterAnswer(answer, { signal } = {}) {
      if (!isRefusal(answer)) {
        if (answer.status < 400) run.acknowledge(taskId);
        return undefined;
      }
      const reason = await untilAborted(reasonToRepeat(answer), signal);
      return reason && assertionCredentials(source, new Set([...spent, reason]));
    },
    forRedirect: () => assertionCredentials(source, spent),
  };
}
