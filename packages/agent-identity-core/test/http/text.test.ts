import {
  carriesAgentKey,
  decodeJwtPart,
  decodeUnverifiedJwtPayload,
  ignoringErrors,
  isHeaderSafe,
  looksLikeJwt,
  parseJson,
  showFileName,
  systemErrorCode,
} from 'agent-identity-core/http';
import { describe, expect, it } from 'vitest';

it.each(['a', '!~', 'account-1'])('isHeaderSafe takes %s', (text) => {
  expect(isHeaderSafe(text)).toBe(true);
});

it.each(['', 'a b', 'a\n', 'ä', 5, undefined])('isHeaderSafe refuses %s', (text) => {
  expect(isHeaderSafe(text)).toBe(false);
});

it.each([
  'agent.jwt',
  '/run/secrets/agent-identity/agent-1f0c2a3b-6a51-4f1e-9a2d-5f3f0a7c9e11',
  './a b',
  'C:\\x',
  'auth.json',
  'broker-token',
  'at-home.jwt',
  '-',
])('showFileName shows %s', (name) => expect(showFileName(name)).toBe(name));

it.each([
  'eyJhbGciOiJSUzI1NiJ9.e30.c2ln',
  'aie_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  '{"agent_private_key":"x"}',
  'sk-0123456789abcdefgh',
  'a\nb',
  'MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g',
])('showFileName does not show %s', (secret) => {
  expect(showFileName(secret)).toBe('what looks like a secret, not like the name of a file');
});

it('parseJson gives undefined for anything that is not JSON', () => {
  expect(parseJson('{"a":1}')).toEqual({ a: 1 });
  expect(parseJson('{')).toBeUndefined();
  expect(parseJson('')).toBeUndefined();
});

it('systemErrorCode reads the code of an error or of its cause, and nothing else', () => {
  expect(systemErrorCode(Object.assign(new Error(), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(systemErrorCode(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }))).toBe(
    'ECONNREFUSED',
  );
  expect(systemErrorCode(Object.assign(new Error(), { code: 'a secret value' }))).toBeUndefined();
  expect(systemErrorCode('ENOENT')).toBeUndefined();
});

it('ignoringErrors ignores what a listener throws or rejects with', async () => {
  expect(ignoringErrors(() => 5)).toBe(5);
  expect(
    ignoringErrors(() => {
      throw new Error('ignored');
    }),
  ).toBeUndefined();
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', listen);
  ignoringErrors(async () => {
    throw new Error('ignored');
  });
  await new Promise((resolve) => setTimeout(resolve, 0));
  process.off('unhandledRejection', listen);
  expect(unhandled).toEqual([]);
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = `${encode({ alg: 'RS256' })}.${encode({ name: 'Zoë', agent_private_key: 'x' })}.c2ln`;

describe('the shape of a JWT', () => {
  it('is seen on a whole token, and on fragments that carry the agent key', () => {
    expect(looksLikeJwt(jwt)).toBe(true);
    expect(looksLikeJwt(jwt.slice(0, 40))).toBe(true);
    const [, payload = ''] = jwt.split('.');
    for (const cut of [0, 1, 2, 3]) expect(carriesAgentKey(payload.slice(cut))).toBe(true);
    expect(carriesAgentKey(encode({ 'agent\u005fprivate_key': 1 }))).toBe(true);
  });

  it('is seen on an agent key itself, and on a fragment of a token that only contains the key', () => {
    const key = `MC4CAQAwBQYDK2VwBCIEI${'A'.repeat(43)}`;
    expect(looksLikeJwt(key)).toBe(true);
    const payload = encode({ iss: 'x', agent_private_key: key, account_id: 'b' });
    for (const start of [24, 25, 26, 27]) expect(carriesAgentKey(payload.slice(start))).toBe(true);
  });

  it.each(['sk-test-0123456789', 'at-0123456789', 'a.b'])('is not seen on %s', (token) => {
    expect(looksLikeJwt(token)).toBe(false);
    expect(carriesAgentKey(token)).toBe(false);
  });

  it('decodes parts as UTF-8 JSON', () => {
    expect(decodeUnverifiedJwtPayload(jwt)).toEqual({ name: 'Zoë', agent_private_key: 'x' });
    expect(decodeJwtPart(encode([1]))).toEqual([1]);
  });

  it.each([
    'a.b',
    `a.${encode([1])}.c`,
    `a.${encode({})}.`,
    'a.b!.c',
    `a.${Buffer.from([0xff]).toString('base64url')}.c`,
    'a.abcde.c',
  ])('gives no payload for %s', (token) => {
    expect(decodeUnverifiedJwtPayload(token)).toBeUndefined();
  });
});
