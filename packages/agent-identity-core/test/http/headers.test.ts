import { parseHttpDate, readFreshness } from 'agent-identity-core/http';
import { describe, expect, it } from 'vitest';

describe('parseHttpDate', () => {
  it.each(['Thu, 23 Apr 2026 00:00:00 GMT', 'Thursday, 23-Apr-26 00:00:00 GMT', 'Thu Apr 23 00:00:00 2026'])(
    'reads the form %s',
    (text) => {
      expect(parseHttpDate(text)).toBe(Date.UTC(2026, 3, 23));
    },
  );

  it.each([
    null,
    undefined,
    '',
    '0',
    '2026',
    '2026-04-23T00:00:00Z',
    'Thu, 23 Apr 2026 00:00:00',
    'Thu, 99 Apr 2026 00:00:00 GMT',
  ])('gives undefined for %s', (text) => {
    expect(parseHttpDate(text)).toBeUndefined();
  });
});

describe('readFreshness', () => {
  it.each([
    [{}, undefined, 0],
    [{ 'cache-control': 'max-age=60', age: '5' }, 60, 5],
    [{ 'cache-control': 'public, Max-Age="60", max-age=30' }, 30, 0],
    [{ 'cache-control': 'max-age=60, no-store' }, 0, 0],
    [{ 'cache-control': 'no-cache' }, 0, 0],
    [{ 'cache-control': 'max-age=soon', age: '-1' }, 0, 0],
    [{ 'cache-control': 'private' }, undefined, 0],
  ])('reads %o', (headers, maxAgeSeconds, ageSeconds) => {
    expect(readFreshness(new Headers(headers as Record<string, string>))).toEqual({
      maxAgeSeconds,
      ageSeconds,
    });
  });
});
