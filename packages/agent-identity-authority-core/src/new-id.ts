import { randomUUID } from 'node:crypto';

/**
 * A new id with 122 random bits: URL-safe, one path segment, the same in any letter case, and without a colon, so that
 * the signed strings of the protocol join and part in one way only (section 3).
 */
export function newId(kind: 'agent' | 'task'): string {
  return `${kind}-${randomUUID()}`;
}
