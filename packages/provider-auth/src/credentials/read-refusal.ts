import { parseJson } from 'agent-identity-core/http';
import { isAgentRuntimeDeleted, isTaskGone, readErrorBody, type ServerError } from 'agent-identity-core/wire';
import type { ProviderResponse } from './provider-credentials.js';

/**
 * The reason of a refusal, by its status and the members of its JSON body (docs/protocol.md section 11). Codes
 * about the account, such as `token_expired`, say nothing about the task.
 *
 * | refusal | status | body |
 * |---|---|---|
 * | `task_gone` | 401 | `invalid_task_id`, `task_not_found`, `task_expired`, or the message `task not found` |
 * | `runtime_deleted` | 400, 403 | the message `Agent runtime has been deleted.` |
 * | `clock_suspected` | 401 | anything else |
 * | `clock_suspected` | 403 | `assertion_expired`, `assertion_in_future` |
 * | `other` | 400, 403 | anything else |
 */
export type Refusal = 'task_gone' | 'runtime_deleted' | 'clock_suspected' | 'other';

/** Whether the status may be that of a refused assertion. */
export function isRefusal({ status }: ProviderResponse): boolean {
  return status === 400 || status === 401 || status === 403;
}

/** @param response A refusal by its status. */
export async function readRefusal(response: ProviderResponse): Promise<Refusal> {
  const error = await readError(response);
  if (response.status === 401) return isTaskGone(error) ? 'task_gone' : 'clock_suspected';
  if (isAgentRuntimeDeleted(error)) return 'runtime_deleted';
  const isAboutClock = error?.code === 'assertion_expired' || error?.code === 'assertion_in_future';
  return response.status === 403 && isAboutClock ? 'clock_suspected' : 'other';
}

async function readError({ body }: ProviderResponse): Promise<ServerError | undefined> {
  try {
    const given = await body?.();
    return readErrorBody(typeof given === 'string' ? parseJson(given) : given);
  } catch {
    return undefined;
  }
}
