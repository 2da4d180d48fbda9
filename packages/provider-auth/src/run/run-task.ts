import type { AgentIdentityAuth, AsyncAgentIdentityAuth } from 'agent-identity-registry';
import { type ProviderAuthError, providerAuthError } from '../errors.js';
import type { RunScopeState } from './run-scope.js';

/** The task that requests are signed under until it is replaced. */
export interface RunTask {
  readonly taskId: string;
  /**
   * Signs for a request that is sent now, if the key lives outside of this process. Otherwise it does nothing.
   *
   * @throws AgentIdentityError `signer_unavailable`, `signer_timed_out`, `signer_mismatch`
   */
  prepare(signal: AbortSignal | null | undefined): Promise<void>;
  /**
   * Returns the headers of a request that is sent now.
   *
   * @throws AgentIdentityError `signature_not_prepared`; the error of the last `prepare`, if that failed
   */
  signedHeaders(): SignedHeaders;
  /** Aborts when the task is replaced or its runtime has ended: connections opened under it must close. */
  readonly closeSignal: AbortSignal;
}

/** Headers with an assertion. **Secret.** */
interface SignedHeaders {
  readonly headers: Readonly<Record<string, string>>;
  /** The correction of the clock that they were signed with. */
  readonly offsetSeconds: number;
}

/** A task whose connections its run can close. */
export interface CloseableRunTask extends RunTask {
  close(reason: ProviderAuthError): void;
}

/** Headers of a signer are used for this long at most. The request is signed before it is sent, not while. */
const maxPreparedAgeSeconds = 10;

export function toRunTask(
  auth: AgentIdentityAuth | AsyncAgentIdentityAuth,
  scope: RunScopeState,
): CloseableRunTask {
  const controller = new AbortController();
  return {
    taskId: auth.runTaskId,
    ...(isAsync(auth) ? outsideKey(auth, scope) : ownKey(auth, scope)),
    closeSignal: controller.signal,
    close: (reason) => controller.abort(reason),
  };
}

function isAsync(auth: AgentIdentityAuth | AsyncAgentIdentityAuth): auth is AsyncAgentIdentityAuth {
  return !('agent_private_key' in auth.record);
}

function ownKey(
  auth: AgentIdentityAuth,
  { clock }: RunScopeState,
): Pick<RunTask, 'prepare' | 'signedHeaders'> {
  return {
    prepare: async () => {},
    signedHeaders: () => ({ headers: auth.headers(), offsetSeconds: clock.offsetSeconds }),
  };
}

function outsideKey(
  auth: AsyncAgentIdentityAuth,
  { clock, effects }: RunScopeState,
): Pick<RunTask, 'prepare' | 'signedHeaders'> {
  let prepared: (SignedHeaders & { readonly startedAt: number; readonly preparedAt: number }) | undefined;
  let failure: unknown;
  return {
    async prepare(signal) {
      const startedAt = effects.monotonicClock();
      const { offsetSeconds } = clock;
      try {
        const headers = await auth.headers({ signal });
        if (prepared !== undefined && prepared.startedAt > startedAt) return;
        prepared = { headers, offsetSeconds, startedAt, preparedAt: effects.monotonicClock() };
      } catch (error) {
        signal?.throwIfAborted();
        failure = error;
        throw error;
      }
    },
    signedHeaders() {
      const age = prepared && effects.monotonicClock() - prepared.preparedAt;
      if (prepared !== undefined && Number(age) <= maxPreparedAgeSeconds * 1000) return prepared;
      throw failure ?? notPrepared();
    },
  };
}

function notPrepared(): ProviderAuthError {
  return providerAuthError(
    'signature_not_prepared',
    'the key is outside of this process: await prepare() before each request; its signature is used for 10 s',
  );
}
