import { InvalidArgumentError } from 'commander';

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** A time as seen from now, such as `3d ago` or `in 15m`. */
export function formatRelativeTime(instant: string, now: number): string {
  const seconds = Math.round((Date.parse(instant) - now) / 1000);
  const [unit, size] = units.find(([, each]) => Math.abs(seconds) >= each) ?? ['s', 1];
  const count = `${Math.trunc(Math.abs(seconds) / size)}${unit}`;
  if (seconds === 0) return 'now';
  return seconds < 0 ? `${count} ago` : `in ${count}`;
}

/** Parses a duration such as `10m` as seconds. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const [, size] = units.find(([name]) => name === unit) ?? [];
  if (size === undefined) throw new InvalidArgumentError('expected a duration such as 90s, 10m, 24h or 7d');
  return Number(count) * size;
}

/** Parses an RFC 3339 time, or how long ago it was, such as `24h`, as epoch milliseconds. */
export function parsePastTime(text: string, now: number): number {
  if (/^\d{1,9}[smhd]$/.test(text)) return now - parseDuration(text) * 1000;
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(text);
  const time = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError(
      'expected a time such as 2026-04-23T00:00:00Z, or how long ago, such as 24h',
    );
  }
  return time;
}
