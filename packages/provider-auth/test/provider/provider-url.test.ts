import fc from 'fast-check';
import { defineProvider, loadAuth, resolveProviderAuth } from 'provider-auth';
import { describe, expect, it } from 'vitest';

async function providerAt(baseUrl: string) {
  return resolveProviderAuth({
    auth: await loadAuth(),
    provider: defineProvider({ kind: 'no_auth', baseUrl }),
  });
}

it.each([
  ['https://a.test/v1', 'https://a.test/v1', true],
  ['https://a.test/v1', 'https://a.test:443/v1/x', true],
  ['https://a.test/v1', 'HTTPS://A.TEST/v1/x', true],
  ['https://a.test/v1', 'wss://a.test/v1/responses', true],
  ['http://localhost:8080/v1', 'ws://localhost:8080/v1/responses', true],
  ['https://a.test/v1', 'ws://a.test/v1/responses', false],
  ['https://a.test/v1', 'http://a.test/v1/x', false],
  ['https://a.test/v1', 'https://a.test.evil.test/v1/x', false],
  ['https://a.test/v1', 'https://a.test@evil.test/v1/x', false],
  ['https://a.test/v1', 'https://a.test:8443/v1/x', false],
  ['https://a.test', 'https://a.test/anything/..%2f', true],
  ['https://a.test/v1/', 'https://a.test/v1', true],
  ['https://a.test/v1/', 'https://a.test/v1evil', false],
  ['https://a.test/v1', 'data:text/plain,v1', false],
])('a provider at %s covers %s: %s', async (baseUrl, url, expected) => {
  const resolved = await providerAt(baseUrl);
  expect(resolved.covers(url)).toBe(expected);
  expect(resolved.covers(new URL(url))).toBe(expected);
});

describe('a covered URL', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '%2e',
    '%2E',
    '%2e%2e',
    '/',
    '\\',
    '%2f',
    '%5c',
    '%255c',
    '%252e',
    '%25',
    ';',
    ';a',
    'a',
    'v1',
    '%32%65',
    '?',
  );

  it('stays at the provider’s path, however often a server decodes it', async () => {
    const resolved = await providerAt('https://a.test/v1');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const url = `https://a.test/v1/${pieces.join('')}`;
        if (!resolved.covers(url)) return;
        let path = new URL(url).pathname;
        for (let i = 0; i < 10; i += 1) {
          const segments = path.split(/[/\\]/).map((segment) => segment.split(';')[0]);
          let depth = 0;
          for (const segment of segments.slice(2)) {
            depth += segment === '..' ? -1 : 1;
            expect(depth).toBeGreaterThanOrEqual(0);
          }
          path = path.replace(/%[0-9a-f]{2}/gi, (triplet) =>
            String.fromCharCode(Number.parseInt(triplet.slice(1), 16)),
          );
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('is covered in its normalized form too', async () => {
    const resolved = await providerAt('https://a.test/v1');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const url = `https://a.test/${pieces.join('')}`;
        expect(resolved.covers(url)).toBe(resolved.covers(new URL(url).href));
      }),
    );
  });
});
