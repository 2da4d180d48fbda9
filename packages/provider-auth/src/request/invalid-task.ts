import { deletedMessage } from '../run/terminal-refusal.js';
import type { ProviderAnswer } from './request-credentials.js';

/**
 * What a refusal is about, told by the members of its JSON body and never by searching its text (docs/protocol.md section 11).
 *
 * | refusal | status | members |
 * |---|---|---|
 * | `task_invalid` | 401 | `error.code` is `invalid_task_id`, `task_not_found` or `task_expired` |
 * | `runtime_deleted` | 403 | `error.message` is exactly `Agent runtime has been deleted.` |
 * | `maybe_clock` | 401 | any other, or a body that says nothing |
 * | `maybe_clock` | 403 | `error.code` is `assertion_expired` or `assertion_in_future` |
 * | `other` | 403 | any other |
 */
export type Refusal = 'task_invalid' | 'runtime_deleted' | 'maybe_clock' | 'other';

const invalidTaskCodes: ReadonlySet<unknown> = new Set(['invalid_task_id', 'task_not_found', 'task_expired']);
const clockCodes: ReadonlySet<unknown> = new Set(['assertion_expired', 'assertion_in_future']);

export function isRefusal({ status }: ProviderAnswer): boolean {
  return status === 401 || status === 403;
}

/** @param answer One that is a refusal by its status. */
export async function readRefusal(answer: ProviderAnswer): Promise<Refusal> {
  const { code, message } = await readError(answer);
  if (answer.status === 401) return invalidTaskCodes.has(code) ? 'task_invalid' : 'maybe_clock';
  if (message === deletedMessage) return 'runtime_deleted';
  return clockCodes.has(code) ? 'maybe_clock' : 'other';
}

async function readError({
  body,
}: ProviderAnswer): Promise<{ readonly code?: unknown; readonly message?: unknown }> {
  try {
    const given = await body?.();
    const value: unknown = typeof given === 'string' ? JSON.parse(given) : given;
    return ownObject(ownObject(value)['error']);
  } catch {
    return {};
  }
}

function ownObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
