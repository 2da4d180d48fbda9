import { invalidArgument } from 'agent-identity-core/http';
import * as z from 'zod';

/** A point in time: milliseconds since the Unix epoch. */
export type EpochMilliseconds = number;

/** A point in time on the wire: RFC 3339, UTC, milliseconds. */
export const instantSchema: z.ZodType<string> = z.iso.datetime();

export function toInstant(at: EpochMilliseconds): string;
export function toInstant(at: EpochMilliseconds | null): string | null;
export function toInstant(at: EpochMilliseconds | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** @throws AgentIdentityError `invalid_argument` unless each is an integer; the nullable ones may also be null */
export function requireInstants(
  instants: Readonly<Record<string, EpochMilliseconds>>,
  nullable: Readonly<Record<string, EpochMilliseconds | null>> = {},
): void {
  for (const [name, value] of Object.entries({ ...instants, ...nullable })) {
    if (Number.isSafeInteger(value) || (value === null && name in nullable)) continue;
    throw invalidArgument(name, 'epoch milliseconds', value);
  }
}
