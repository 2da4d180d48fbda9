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
