import { invalidArgument } from 'agent-identity-core/http';
import { isStorableText } from '../store/storable-text.js';

/** Labels of an agent: what operators select agents by, such as `{ team: 'search' }`. Not secret. */
export type AgentLabels = Readonly<Record<string, string>>;

const limits = { count: 32, valueLength: 255 };

/** 1 to 63 characters: letters, digits, and `-`, `_`, `.` and `/` inside. */
const labelKey = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;

/**
 * Requires at most 32 labels: keys of 1 to 63 letters, digits, `-`, `_`, `.` and `/`, and values of at most 255 characters.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireLabels } from 'agent-identity-authority-core/store';
 *
 * requireLabels({ team: 'search' }, 'labels');
 * ```
 */
export function requireLabels(value: unknown, name: string): asserts value is AgentLabels {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isObject ? Object.entries(value) : [];
  if (!isObject || entries.length > limits.count || !entries.every(isLabel)) {
    throw invalidArgument(
      name,
      `at most ${limits.count} labels with keys such as "team" and texts of at most ${limits.valueLength} characters`,
      value,
    );
  }
}

function isLabel([key, value]: readonly [string, unknown]): boolean {
  return labelKey.test(key) && isStorableText(value, limits.valueLength);
}
