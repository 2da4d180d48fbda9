import { coreError } from '../errors.js';
import { requireObject } from './require-argument.js';
import { printableName } from './text.js';

/**
 * Refuses unknown option names and names the nearest known one, because a typing error must not change where credentials
 * are sent. Members that are `undefined` are checked too.
 *
 * @param what Names the object in the message, such as `options`.
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireKnownOptions } from 'agent-identity-core/http';
 *
 * requireKnownOptions({ timeoutSeconds: 5 }, ['timeoutSeconds', 'baseUrl'], 'options');
 * ```
 */
export function requireKnownOptions(options: object, known: readonly string[], what: string): void {
  requireObject(options, what);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const nearest = findNearestName(unknown, known);
  const hint = nearest === undefined ? `expected one of ${known.join(', ')}` : `did you mean "${nearest}"?`;
  throw coreError('invalid_argument', `${what}: unknown member "${printableName(unknown)}"; ${hint}`);
}

/**
 * Finds the known name that is closest to a mistyped one.
 *
 * @returns `undefined` if none is close
 * @example
 * ```ts
 * import { findNearestName } from 'agent-identity-core/http';
 *
 * findNearestName('timeoutSecond', ['timeoutSeconds', 'baseUrl']); // 'timeoutSeconds'
 * ```
 */
export function findNearestName(name: string, known: readonly string[]): string | undefined {
  const typed = name.slice(0, maxNameLength).toLowerCase();
  const maxDistance = Math.max(2, Math.floor(typed.length / 3));
  let nearest: string | undefined;
  let nearestDistance = maxDistance + 1;
  for (const candidate of known) {
    const distance = editDistance(typed, candidate.toLowerCase());
    if (distance < nearestDistance) [nearest, nearestDistance] = [candidate, distance];
  }
  return nearest;
}

/** The Levenshtein distance: how many characters to insert, delete or replace. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 0; i < one.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j += 1) {
      const [insert = 0, remove = 0, replace = 0] = [next[j], row[j + 1], row[j]];
      next.push(Math.min(insert + 1, remove + 1, replace + (one[i] === other[j] ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length] as number;
}

/** Longer names are cut before they are compared. */
const maxNameLength = 64;
