/** What a server says about an error. The text is from outside: redact and cut it before it is kept or shown. */
export interface ServerError {
  /** For example `invalid_task_id`, `task_not_found`, `task_expired`, `invalid_agent_runtime_id`. */
  code?: string | null | undefined;
  /** For example `Agent runtime has been deleted.`, which clients recognize. */
  message?: string | null | undefined;
  type?: string | null | undefined;
}

/**
 * Reads the parsed JSON of an error response in every form that clients met (docs/protocol.md section 11):
 * `{ error: { code, message, type } }`, `{ error: "code" }`, `{ detail: { code } }`, `{ detail: "message" }`, and the
 * members at the top level. Reads members at their known places, and never searches free text.
 *
 * @returns `undefined` if nothing is said
 * @example
 * ```ts
 * import { readErrorBody } from 'agent-identity-core/wire';
 *
 * readErrorBody({ detail: { code: 'task_not_found' } }); // { code: 'task_not_found' }
 * ```
 */
export function readErrorBody(json: unknown): ServerError | undefined {
  const body = asObject(json);
  const places = [asSaid(body['error']), asSaid(body['detail']), body];
  const read = (name: 'code' | 'message' | 'type') =>
    places.map((place) => place[name]).find((value) => typeof value === 'string' && value !== '');
  const said = Object.entries({ code: read('code'), message: read('message'), type: read('type') });
  const known = said.filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

/** A string is a code if it is one word like `invalid_task_id`, and a message otherwise. */
function asSaid(value: unknown): Record<string, unknown> {
  if (typeof value !== 'string') return asObject(value);
  return /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/i.test(value) ? { code: value } : { message: value };
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

const taskGoneCodes: readonly unknown[] = ['invalid_task_id', 'task_not_found', 'task_expired'];

/**
 * Whether a server says that the task is gone: by its code, or by the message `task not found` without a code
 * (docs/protocol.md section 11). Errors about the account are never taken for it.
 *
 * @example
 * ```ts
 * import { isTaskGone, readErrorBody } from 'agent-identity-core/wire';
 *
 * isTaskGone(readErrorBody({ error: 'invalid_task_id' })); // true
 * isTaskGone(readErrorBody({ detail: 'Unauthorized' })); // false
 * ```
 */
export function isTaskGone(error: ServerError | undefined): boolean {
  if (typeof error?.code === 'string') return taskGoneCodes.includes(error.code.toLowerCase());
  return /^task not found\.?$/i.test(error?.message ?? '');
}

/**
 * Whether a server says that the agent runtime is deleted: terminal, nothing more is sent for it (docs/protocol.md section
 * 11). The whole message counts; servers send different codes with it.
 *
 * @example
 * ```ts
 * import { isAgentRuntimeDeleted, readErrorBody } from 'agent-identity-core/wire';
 *
 * isAgentRuntimeDeleted(readErrorBody({ error: { message: 'Agent runtime has been deleted.' } })); // true
 * ```
 */
export function isAgentRuntimeDeleted(error: ServerError | undefined): boolean {
  return /^agent runtime has been deleted\.?$/i.test(error?.message ?? '');
}
