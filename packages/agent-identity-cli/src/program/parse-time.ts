import { InvalidArgumentError } from 'commander';

/** Parses the RFC 3339 time of an option as epoch milliseconds. */
export function parseTime(text: string): number {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(text);
  const time = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('Expected an RFC 3339 time, such as 2026-04-23T00:00:00Z.');
  }
  return time;
}

/** Parses the whole seconds of an option. */
export function parseSeconds(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected whole seconds.');
  return Number(text);
}
