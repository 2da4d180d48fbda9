import { generateKeyPairSync } from 'node:crypto';
import { localJwks } from 'agent-identity-jwt';
import { rsaKey } from 'test-support';
import { describe, expect, it } from 'vitest';
import { refusalOf, refusedBy } from '../support/refusal.js';

const key = rsaKey('key-1');
const other = rsaKey('key-2');
const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
const edKey = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });

async function modulusOf(source: ReturnType<typeof localJwks>, kid: string): Promise<string | undefined> {
  return (await crypto.subtle.exportKey('jwk', await source.findKey(kid))).n;
}

describe('localJwks', () => {
  it('finds the key with an id', async () => {
    const source = localJwks({ keys: [key.jwk, other.jwk] });
    expect(await modulusOf(source, 'key-1')).toBe(key.jwk.n);
    expect(await modulusOf(source, 'key-2')).toBe(other.jwk.n);
  });

  it('returns the same imported key each time', async () => {
    const source = localJwks({ keys: [key.jwk] });
    expect(await source.findKey('key-1')).toBe(await source.findKey('key-1'));
  });

  it('refuses an unknown id', async () => {
    const refusal = await refusalOf(localJwks({ keys: [key.jwk] }).findKey('key-3'));
    expect(refusal.code).toBe('unknown_kid');
    expect(refusal.retryable).toBe(false);
  });

  it('does not see later changes to the document', async () => {
    const document = { keys: [{ ...key.jwk }] };
    const source = localJwks(document);
    Object.assign(document.keys[0] ?? {}, { kid: 'key-9', n: other.jwk.n });
    document.keys.push({ ...other.jwk });
    expect(await modulusOf(source, 'key-1')).toBe(key.jwk.n);
    expect((await refusalOf(source.findKey('key-9'))).code).toBe('unknown_kid');
    expect((await refusalOf(source.findKey('key-2'))).code).toBe('unknown_kid');
  });

  it('ignores keys of other and unknown types, keys without an id, and members that are not keys', async () => {
    const { kid: _, ...withoutId } = other.jwk as Record<string, unknown>;
    const strangers = [
      { ...ecKey, kid: 'key-1', use: 'sig', alg: 'ES256' },
      { ...edKey, kid: 'key-1', use: 'sig', alg: 'EdDSA' },
      { kty: 'oct', kid: 'key-1', k: 'c2VjcmV0', alg: 'HS256' },
      { kty: 'AKP', kid: 'key-1', alg: 'ML-DSA-44', pub: 'AAAA' },
      { kty: 'LATTICE', kid: 'key-1' },
      { kid: 'key-1' },
      withoutId,
      { ...other.jwk, kid: '' },
      { ...other.jwk, kid: 1 },
      { ...other.jwk, kid: null },
      {},
      null,
      'key-1',
      1,
      [],
    ];
    const source = localJwks({ keys: [...strangers, key.jwk, ...strangers], other: 'member' });
    expect(await modulusOf(source, 'key-1')).toBe(key.jwk.n);
  });

  it('never uses a key whose id is empty', async () => {
    const source = localJwks({ keys: [{ ...key.jwk, kid: '' }] });
    expect((await refusalOf(source.findKey(''))).code).toBe('unknown_kid');
  });

  it.each(['use', 'alg'])('uses a key without "%s", as the standard allows', async (member) => {
    const jwk = Object.fromEntries(Object.entries(key.jwk).filter(([name]) => name !== member));
    expect(await modulusOf(localJwks({ keys: [jwk] }), 'key-1')).toBe(key.jwk.n);
  });

  it.each([
    ['for encryption', { use: 'enc' }],
    ['of another algorithm', { alg: 'RS512' }],
    ['of RSA-PSS', { alg: 'PS256' }],
    ['for other operations', { key_ops: ['encrypt'] }],
    ['with a modulus that is no text', { n: 5 }],
    ['without a modulus', { n: undefined }],
    ['with a broken modulus', { n: '***' }],
    ['with the exponent 1, by which anybody can sign', { e: 'AQ' }],
    ['with the exponent 1 behind zeros', { e: 'AAAB' }],
  ])('never uses a key %s', async (_what, members) => {
    const source = localJwks({ keys: [{ ...key.jwk, ...members }, other.jwk] });
    expect((await refusalOf(source.findKey('key-1'))).code).toBe('unknown_kid');
    expect(await modulusOf(source, 'key-2')).toBe(other.jwk.n);
  });

  it('never uses a symmetric key', async () => {
    const source = localJwks({ keys: [{ kty: 'oct', kid: 'key-1', k: 'c2VjcmV0', use: 'sig' }] });
    expect((await refusalOf(source.findKey('key-1'))).code).toBe('unknown_kid');
  });

  it('never uses a key whose private half was published', async () => {
    const published = { ...key.privateKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'RS256' };
    const refusal = await refusalOf(localJwks({ keys: [published] }).findKey('key-1'));
    expect(refusal.code).toBe('unknown_kid');
    expect(refusal.message).toContain('not a public RSA key');
  });

  it('never uses an RSA key below 2048 bits and says so', async () => {
    const weak = rsaKey('key-1', 1024);
    const refusal = await refusalOf(localJwks({ keys: [weak.jwk] }).findKey('key-1'));
    expect(refusal.code).toBe('unknown_kid');
    expect(refusal.message).toContain('1024 bits');
  });

  it('uses neither of two keys with one id and says so', async () => {
    const source = localJwks({ keys: [key.jwk, { ...other.jwk, kid: 'key-1' }, other.jwk] });
    const refusal = await refusalOf(source.findKey('key-1'));
    expect(refusal.code).toBe('unknown_kid');
    expect(refusal.message).toContain('several');
    expect(await modulusOf(source, 'key-2')).toBe(other.jwk.n);
  });

  it('uses the one of two keys with one id that is for RS256', async () => {
    const source = localJwks({ keys: [{ ...other.jwk, kid: 'key-1', use: 'enc' }, key.jwk] });
    expect(await modulusOf(source, 'key-1')).toBe(key.jwk.n);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['text', '{"keys":[]}'],
    ['an array', [key.jwk]],
    ['one key', key.jwk],
    ['keys that are no array', { keys: { 0: key.jwk } }],
    ['over 100 keys', { keys: Array.from({ length: 101 }, () => key.jwk) }],
    ['values that are not of JSON', { keys: [{ ...key.jwk, n: () => 'n' }] }],
  ])('refuses %s as a key set', (_what, document) => {
    expect(refusedBy(() => localJwks(document))).toMatchObject({ code: 'invalid_jwks', retryable: false });
  });

  it('finds no key in an empty set', async () => {
    expect((await refusalOf(localJwks({ keys: [] }).findKey('key-1'))).code).toBe('unknown_kid');
  });

  it('rejects with the reason of an abort', async () => {
    const reason = new Error('enough');
    const found = localJwks({ keys: [key.jwk] }).findKey('key-1', { signal: AbortSignal.abort(reason) });
    await expect(found).rejects.toBe(reason);
  });
});
