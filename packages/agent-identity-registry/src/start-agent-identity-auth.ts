import { createAssertionSigner } from 'agent-identity-core';
import type { HttpEffects, SecureUrlOptions } from 'agent-identity-core/http';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { type AgentIdentityAuth, agentIdentityAuth } from './agent-identity-auth.js';
import { type RuntimeEffects, withRuntimeEffects } from './http/runtime-effects.js';
import { requireTimeLimit } from './http/time-limit.js';
import { readRecord, type UsableRecord } from './read-record.js';
import { registerAgentTask } from './register-agent-task.js';
import { taskRegistrationUrl } from './registration-url.js';
import { type SingleFlight, singleFlight } from './single-flight.js';

/** Where and how the run task is registered. */
export interface AgentIdentityAuthOptions extends SecureUrlOptions {
  /** See `resolveAuthapiBaseUrl`. */
  readonly authapiBaseUrl: string;
  /** How long one attempt to register the task may take, in seconds; 30 by default. */
  readonly timeLimitSeconds?: number | undefined;
}

/**
 * Starts a run: takes the record's task, or registers one where it has none, and gives the auth that signs for it
 * (docs/protocol.md section 8). Afterwards nothing is sent any more.
 *
 * Calls at the same time for one record register one task between them. One record is not one object: it is the same
 * runtime, key and URL, since that is what a task belongs to, so that a record that was read twice counts as one. Calls
 * with different `fetch` functions are kept apart, since those may lead to different places; the other effects and the
 * time limit are those of the call that came first. Aborting `effects.signal` rejects this call only; the registration
 * is given up when no call waits for it any more.
 *
 * A call that comes after the registration has ended is another run and registers another task, or tries again after a
 * failure.
 *
 * @param record **Secret.** Checked, copied and frozen; later changes to it have no effect.
 * @throws RegistrationError when the registration failed; the reason of `effects.signal` when that was aborted
 * @throws AgentIdentityError before anything is sent: `invalid_agent_identity_record`, `invalid_agent_key`,
 * `unsafe_agent_runtime_id`, `insecure_url`, `invalid_authapi_base_url`, `invalid_argument`
 */
export async function startAgentIdentityAuth(
  record: AgentIdentityRecord,
  options: AgentIdentityAuthOptions,
  effects: HttpEffects = {},
): Promise<AgentIdentityAuth> {
  const runtimeEffects = withRuntimeEffects(effects);
  const usable = readRecord(record);
  const { agent_runtime_id: agentRuntimeId, task_id: storedTaskId = '' } = usable.record;
  const url = taskRegistrationUrl(options.authapiBaseUrl, agentRuntimeId, options);
  if (options.timeLimitSeconds !== undefined) requireTimeLimit(options.timeLimitSeconds);
  runtimeEffects.signal?.throwIfAborted();
  const runTaskId =
    storedTaskId.trim() === '' ? await shareRunTask(url, usable, options, runtimeEffects) : storedTaskId;
  const { agentKey } = usable;
  const signer = createAssertionSigner({ agentKey, agentRuntimeId, taskId: runTaskId }, runtimeEffects);
  return agentIdentityAuth({ record: usable.record, runTaskId, signer });
}

/** By the `fetch` that they go through. */
const registrations = new WeakMap<typeof globalThis.fetch, SingleFlight<string>>();

function shareRunTask(
  url: string,
  { record, agentKey }: UsableRecord,
  options: AgentIdentityAuthOptions,
  { signal, ...effects }: RuntimeEffects,
): Promise<string> {
  const flights = registrations.get(effects.fetch) ?? singleFlight<string>();
  registrations.set(effects.fetch, flights);
  const registration = { ...options, agentRuntimeId: record.agent_runtime_id, agentKey };
  return flights.join(
    JSON.stringify([url, agentKey.publicKey.ssh]),
    (flightSignal) => registerAgentTask(registration, { ...effects, signal: flightSignal }),
    signal,
  );
}
