import { randomUUID } from 'node:crypto';

/**
 * Creates an id with 122 random bits. It is URL-safe and one path segment, does not depend on letter case, and has no
 * colon, so the signed strings of docs/protocol.md section 3 can only be split in one way.
 */
export function newId(kind: 'agent' | 'task' | 'rai' | 'enrollment'): string {
  return `${kind}-${randomUUID()}`;
}
