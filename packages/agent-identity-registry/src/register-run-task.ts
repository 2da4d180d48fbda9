import {
  isAgentIdentityError,
  openSealedTaskId,
  signTaskRegistration,
  signTaskRegistrationAsync,
} from 'agent-identity-core';
import {
  type ClientIdentification,
  createSingleFlight,
  type HttpEffects,
  identificationHeaders,
  invalidArgument,
  type RuntimeEffects,
  requireKnownOptions,
  resolveEffects,
  type SecureUrlOptions,
  type SingleFlight,
} from 'agent-identity-core/http';
import { taskRegistrationResponseSchema } from 'agent-identity-core/wire';
import {
  type AgentIdentity,
  publicKeyOf,
  requireAgentIdentity,
  type SignerAgentIdentity,
} from './agent-identity.js';
import { createAgentIdentityAuth } from './agent-identity-auth.js';
import type { ParsedResponse, RegistrationRequest } from './http/registration-request.js';
import { requireTimeout } from './http/send-once.js';
import { sendRegistration } from './http/send-registration.js';
import { taskRegistrationUrl } from './registration-url.js';

/** Options for {@link registerRunTask}. */
export interface RegisterRunTaskOptions extends SecureUrlOptions, ClientIdentification {
  /** See `resolveAuthapiBaseUrl`. */
  readonly authapiBaseUrl: string;
  /** Limit of one attempt, including reading the response, in seconds. Default: 30. */
  readonly timeoutSeconds?: number | undefined;
  /**
   * Whether the record's task is used. Default: `use`. Give `ignore` to replace a task that the server no longer knows.
   */
  readonly storedTask?: 'use' | 'ignore' | undefined;
}

const optionNames = [
  'authapiBaseUrl',
  'timeoutSeconds',
  'storedTask',
  'allowPlainHttpHosts',
  'userAgent',
  'originator',
] as const;

/**
 * Gets the task of a run: the record's own, or a new one that the AuthAPI registers (docs/protocol.md sections 5 and 8).
 * The server chooses the id. At most three attempts, each signed for its own second.
 *
 * Concurrent calls with the same runtime, key, URL and `fetch` share one registration; the other effects and the timeout
 * are those of the first call. Aborting `effects.signal` rejects that call only, and the registration is aborted when no
 * call waits for it. A call after the registration has ended is another run: it registers another task, or tries again
 * after a failure.
 *
 * @returns the task id, untrimmed
 * @throws RegistrationError if the request was sent and failed; the reason of `effects.signal` if it aborted
 * @throws AgentIdentityError before anything is sent: `unsafe_agent_runtime_id`, `insecure_url`, `invalid_base_url`,
 * `invalid_argument`; with a signer also `signer_unavailable`, `signer_timed_out` and `signer_mismatch`, before an attempt
 * @example
 * ```ts
 * import { type AgentIdentity, registerRunTask, resolveAuthapiBaseUrl } from 'agent-identity-registry';
 *
 * async function startRun(identity: AgentIdentity) {
 *   return registerRunTask(identity, { authapiBaseUrl: resolveAuthapiBaseUrl(), timeoutSeconds: 10 });
 * }
 * ```
 */
export async function registerRunTask(
  identity: AgentIdentity | SignerAgentIdentity,
  options: RegisterRunTaskOptions,
  effects: HttpEffects = {},
): Promise<string> {
  requireAgentIdentity(identity);
  requireKnownOptions(options, optionNames, 'options');
  const { authapiBaseUrl, allowPlainHttpHosts, timeoutSeconds = 30, storedTask = 'use' } = options;
  const { userAgent, originator } = options;
  const { signal, ...runtimeEffects } = resolveEffects(effects);
  const { agentRuntimeId, storedTaskId } = identity;
  const url = taskRegistrationUrl(authapiBaseUrl, agentRuntimeId, { allowPlainHttpHosts });
  requireTimeout(timeoutSeconds);
  requireStoredTask(storedTask);
  const headers = identificationHeaders({ userAgent, originator });
  signal?.throwIfAborted();
  if (storedTask === 'use' && storedTaskId !== undefined) return storedTaskId;
  return flightsFor(runtimeEffects.fetch).join(
    JSON.stringify([url, publicKeyOf(identity).ssh, 'signer' in identity]),
    (flightSignal) =>
      register(identity, { url, timeoutSeconds, headers }, { ...runtimeEffects, signal: flightSignal }),
    signal,
  );
}

function requireStoredTask(storedTask: string): void {
  if (storedTask === 'use' || storedTask === 'ignore') return;
  throw invalidArgument('storedTask', '"use" or "ignore"', storedTask);
}

/** Registrations in progress. Different `fetch` functions may lead to different places, so they share nothing. */
const flightsByFetch = new WeakMap<typeof globalThis.fetch, SingleFlight<string>>();

function flightsFor(fetch: typeof globalThis.fetch): SingleFlight<string> {
  const flights = flightsByFetch.get(fetch) ?? createSingleFlight<string>();
  flightsByFetch.set(fetch, flights);
  return flights;
}

function register(
  identity: AgentIdentity | SignerAgentIdentity,
  request: Pick<RegistrationRequest<string>, 'url' | 'timeoutSeconds' | 'headers'>,
  effects: RuntimeEffects,
): Promise<string> {
  const { agentRuntimeId } = identity;
  const { clock, signal } = effects;
  return sendRegistration(
    {
      ...request,
      operation: 'task_registration',
      createBody: () =>
        'signer' in identity
          ? signTaskRegistrationAsync({ signer: identity.signer, agentRuntimeId }, { clock, signal })
          : signTaskRegistration({ agentKey: identity.agentKey, agentRuntimeId }, { clock }),
      parseResponse: (json) => parseTaskId(identity, json),
    },
    effects,
  );
}

/** The first member that is present counts. Null means absent. A present but unusable member is not skipped. */
function parseTaskId(identity: AgentIdentity | SignerAgentIdentity, json: unknown): ParsedResponse<string> {
  const parsed = taskRegistrationResponseSchema.safeParse(json);
  if (!parsed.success) return { expected: 'a JSON object whose task ids are strings' };
  const { task_id, taskId, encrypted_task_id, encryptedTaskId } = parsed.data;
  const plain = task_id ?? taskId;
  const sealed = encrypted_task_id ?? encryptedTaskId;
  if (plain === undefined && sealed === undefined) return { expected: 'a task id, plain or sealed' };
  if (plain === undefined && 'signer' in identity) {
    const expected = 'a plain task id: a sealed one can only be opened with a private key in this process';
    return { expected, code: 'sealed_task_id_needs_key' };
  }
  try {
    const id = plain ?? openSealedTaskId((identity as AgentIdentity).agentKey, sealed ?? '');
    createAgentIdentityAuth(identity, id); // throws for an id that no header can hold
    return { result: id };
  } catch (error) {
    if (!isAgentIdentityError(error)) throw error;
    return { expected: `a task id that fits into a header (${error.message})`, cause: error };
  }
}
