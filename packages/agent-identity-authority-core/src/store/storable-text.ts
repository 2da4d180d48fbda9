import { describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';

/**
 * Whether every store can keep this text unchanged and find it again: no lone surrogates, which have no UTF-8; no NUL,
 * which Postgres rejects; short enough for an index.
 *
 * @example
 * ```ts
 * import { isStorableText } from 'agent-identity-authority-core/store';
 *
 * isStorableText('agent-1'); // true
 * isStorableText('agent-\0'); // false
 * ```
 */
export function isStorableText(value: unknown, maxLength = 512): value is string {
  return (
    typeof value === 'string' && value.length <= maxLength && value.isWellFormed() && !value.includes('\0')
  );
}

/**
 * Requires that every member is storable text.
 *
 * @throws AgentIdentityError `invalid_argument` for the first member that a store cannot keep
 * @example
 * ```ts
 * import { requireStorableText } from 'agent-identity-authority-core/store';
 *
 * requireStorableText({ agentRuntimeId: 'agent-1', taskId: 'task-1' });
 * ```
 */
export function requireStorableText(values: Readonly<Record<string, unknown>>, maxLength = 512): void {
  for (const [name, value] of Object.entries(values)) {
    if (isStorableText(value, maxLength)) continue;
    throw authorityError(
      'invalid_argument',
      `${name}: expected well-formed text of up to ${maxLength} characters without NUL, got ${describeType(value)}`,
    );
  }
}
