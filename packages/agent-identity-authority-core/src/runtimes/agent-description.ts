import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import { isStorableText } from '../store/storable-text.js';

/** Labels of an agent: what operators select agents by, such as `{ team: 'search' }`. Not secret. */
export type AgentLabels = Readonly<Record<string, string>>;

/** What operators call an agent, and whom they ask about it. Not secret. */
export interface AgentDescription {
  /** For people; not unique. At most 255 characters. */
  readonly name?: string | undefined;
  /** Whom to ask about the agent, such as a team or an address. At most 255 characters. */
  readonly owner?: string | undefined;
  /** Default: none. */
  readonly labels?: AgentLabels | undefined;
}

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

/** @throws AgentIdentityError `invalid_argument` */
export function requireAgentDescription(description: AgentDescription, name: string): void {
  requireKnownOptions(description, ['name', 'owner', 'labels'], name);
  for (const member of ['name', 'owner'] as const) {
    const value = description[member];
    if (value === undefined || (isStorableText(value, 255) && value.trim() !== '')) continue;
    throw invalidArgument(`${name}.${member}`, 'a text of at most 255 characters', value);
  }
  if (description.labels !== undefined) requireLabels(description.labels, `${name}.labels`);
}

/** The members of a runtime that describe it. */
export function describedBy({ name, owner, labels }: AgentDescription = {}): {
  readonly name: string | null;
  readonly owner: string | null;
  readonly labels: AgentLabels;
} {
  return { name: name ?? null, owner: owner ?? null, labels: { ...labels } };
}
