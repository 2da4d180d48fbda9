import { createHmac, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { type JwksSource, localJwks, remoteJwks, verifyAgentIdentityJwt } from 'agent-identity-jwt';
import { type CryptoKey, importJWK, SignJWT } from 'jose';
import { encodeJson, rsaKey, signJwt } from 'test-support';
import { describe, expect, it } from 'vitest';
import { goodClaims, issuedAt, issuedClock, signToken } from '../support/issuer.js';
import { type JwksServer, jwksServer, keysAnswer, statusAnswer } from '../support/jwks-server.js';
import { refusalOf } from '../support/refusal.js';

const key = rsaKey('key-1');
const otherKey = rsaKey('key-2');
const jwks = localJwks({ keys: [otherKey.jwk, key.jwk] });

function verify(jwt: string, source: JwksSource = jwks) {
  return verifyAgentIdentityJwt(jwt, { jwks: source }, { clock: issuedClock });
}

/** The refusal of a token, by a key set that no request reaches. */
async function refusedUnasked(jwt: string) {
  const server = await jwksServer(keysAnswer([key.jwk]));
  const refusal = await refusalOf(verify(jwt, remoteJwks(server.url)), jwt);
  expect(server.requests).toHaveLength(0);
  return refusal;
}

async function refused(jwt: string, source: JwksSource = jwks) {
  return refusalOf(verify(jwt, source), jwt);
}

/** Verifies so many seconds after the token was issued. */
function verifyAt(jwt: string, secondsAfterIssue: number, leewaySeconds?: number) {
  const clock = () => (issuedAt + secondsAfterIssue) * 1000;
  return verifyAgentIdentityJwt(jwt, { jwks, leewaySeconds }, { clock });
}

describe('a genuine token', () => {
  it('returns its claims', async () => {
    expect(await verify(signToken(key))).toEqual(goodClaims);
  });

  it('returns no unknown claims', async () => {
    expect(await verify(signToken(key, { ...goodClaims, sub: 'x', is_admin: true }))).toEqual(goodClaims);
  });

  it('passes with surrounding white space, as in a file', async () => {
    expect(await verify(`\ufeff${signToken(key)}\r\n`)).toEqual(goodClaims);
  });

  it('passes if jose created it', async () => {
    const jwt = await new SignJWT(goodClaims)
      .setProtectedHeader({ alg: 'RS256', kid: 'key-2', typ: 'JWT' })
      .sign(otherKey.privateKey);
    expect(await verify(jwt)).toEqual(goodClaims);
  });

  it('passes with a key set that is fetched once for many tokens', async () => {
    const server = await jwksServer(keysAnswer([otherKey.jwk, key.jwk]));
    const source = remoteJwks(server.url);
    const tokens = Array.from({ length: 10 }, (_, i) => signToken(i % 2 ? key : otherKey));
    await Promise.all(tokens.map((jwt) => verify(jwt, source)));
    expect(server.requests).toHaveLength(1);
  });

  it('passes with a key that was added to the set after it was fetched', async () => {
    const server = await jwksServer(keysAnswer([key.jwk]));
    const source = remoteJwks(server.url);
    await verify(signToken(key), source);
    server.answer = keysAnswer([key.jwk, otherKey.jwk]);
    expect(await verify(signToken(otherKey), source)).toEqual(goodClaims);
    expect(server.requests).toHaveLength(2);
  });

  it('passes with other header parameters that bring no key', async () => {
    const header = { alg: 'RS256', kid: 'key-1', typ: 'at+jwt', cty: 'x', x5t: 'thumbprint', extra: [1] };
    expect(await verify(signToken(key, goodClaims, header))).toEqual(goodClaims);
  });
});

describe('the algorithm must be RS256, and nothing is fetched otherwise', () => {
  const header = (alg: unknown) => ({ alg, kid: 'key-1' });

  it('refuses alg none without a signature', async () => {
    const jwt = `${encodeJson(header('none'))}.${encodeJson(goodClaims)}.`;
    expect((await refusedUnasked(jwt)).code).toBe('malformed_jwt');
  });

  it.each(['none', 'None', 'NONE', 'nOnE'])('refuses alg %s with any signature', async (alg) => {
    expect((await refusedUnasked(signToken(key, goodClaims, header(alg)))).code).toBe(
      'unsupported_algorithm',
    );
  });

  it.each(['pem', 'der', 'jwk'])('refuses HS256 with the public key (%s) as the secret', async (form) => {
    const publicKey = createPublicKey(key.privateKey);
    const secrets: Record<string, string | Buffer> = {
      pem: publicKey.export({ format: 'pem', type: 'spki' }),
      der: publicKey.export({ format: 'der', type: 'spki' }),
      jwk: JSON.stringify(key.jwk),
    };
    const input = `${encodeJson(header('HS256'))}.${encodeJson(goodClaims)}`;
    const mac = createHmac('sha256', secrets[form] ?? '')
      .update(input)
      .digest('base64url');
    expect((await refusedUnasked(`${input}.${mac}`)).code).toBe('unsupported_algorithm');
  });

  it.each(['RS384', 'RS512', 'PS256', 'PS384', 'PS512'])('refuses %s with the same RSA key', async (alg) => {
    const jwt = await new SignJWT(goodClaims).setProtectedHeader({ alg, kid: 'key-1' }).sign(key.privateKey);
    const { alg: _, ...anyAlgorithm } = key.jwk as Record<string, unknown>;
    expect((await refused(jwt, localJwks({ keys: [anyAlgorithm] }))).code).toBe('unsupported_algorithm');
  });

  it('refuses ES256 and EdDSA with keys of the set', async () => {
    const pairs = {
      ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      EdDSA: generateKeyPairSync('ed25519'),
    };
    for (const [alg, { privateKey, publicKey }] of Object.entries(pairs)) {
      const source = localJwks({
        keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg, use: 'sig' }],
      });
      const jwt = await new SignJWT(goodClaims).setProtectedHeader({ alg, kid: 'key-1' }).sign(privateKey);
      expect((await refused(jwt, source)).code).toBe('unsupported_algorithm');
    }
  });

  it('refuses HS256 with a symmetric key of the set', async () => {
    const secret = randomBytes(32);
    const source = localJwks({ keys: [{ kty: 'oct', kid: 'key-1', k: secret.toString('base64url') }] });
    const jwt = await new SignJWT(goodClaims).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret);
    expect((await refused(jwt, source)).code).toBe('unsupported_algorithm');
  });

  it.each([undefined, null, '', 'rs256', 'RS256 ', ['RS256'], 256, {}])('refuses alg %o', async (alg) => {
    expect((await refusedUnasked(signToken(key, goodClaims, header(alg)))).code).toBe(
      'unsupported_algorithm',
    );
  });
});

describe('the header', () => {
  it.each([
    ['missing', {}],
    ['empty', { kid: '' }],
    ['null', { kid: null }],
    ['a number', { kid: 1 }],
    ['an array', { kid: ['key-1'] }],
  ])('is refused if the kid is %s, and nothing is fetched', async (_what, kid) => {
    expect((await refusedUnasked(signToken(key, goodClaims, { alg: 'RS256', ...kid }))).code).toBe(
      'missing_kid',
    );
  });

  it('is refused if it brings a key, even the right one, and nothing that it names is fetched', async () => {
    const elsewhere = await jwksServer(keysAnswer([key.jwk]));
    const brought = {
      jwk: key.jwk,
      jku: elsewhere.url,
      x5u: elsewhere.url,
      x5c: ['MIIB'],
    };
    for (const [parameter, value] of Object.entries(brought)) {
      const jwt = signToken(key, goodClaims, { alg: 'RS256', kid: 'key-1', [parameter]: value });
      const refusal = await refusedUnasked(jwt);
      expect(refusal.code).toBe('forbidden_header');
      expect(refusal.message).toContain(`"${parameter}"`);
    }
    expect(elsewhere.requests).toHaveLength(0);
  });

  it('is refused if it brings the key of an attacker who signed with it', async () => {
    const attacker = rsaKey('key-1');
    const jwt = signToken(attacker, goodClaims, { alg: 'RS256', kid: 'key-1', jwk: attacker.jwk });
    expect((await refusedUnasked(jwt)).code).toBe('forbidden_header');
  });

  it.each([
    ['crit of something unknown', { crit: ['exp'], exp: 1 }],
    ['crit of nothing', { crit: [] }],
    ['crit with b64', { crit: ['b64'], b64: true }],
    ['an unencoded payload', { crit: ['b64'], b64: false }],
    ['b64 without crit', { b64: false }],
    ['a null in place of a key', { jwk: null }],
  ])('is refused with %s', async (_what, parameters) => {
    const jwt = signToken(key, goodClaims, { alg: 'RS256', kid: 'key-1', ...parameters });
    expect((await refusedUnasked(jwt)).code).toBe('forbidden_header');
  });

  it.each([
    ['not JSON', Buffer.from('alg=RS256').toString('base64url')],
    ['an array', encodeJson([{ alg: 'RS256', kid: 'key-1' }])],
    ['text', encodeJson('RS256')],
  ])('is refused if it is %s', async (_what, header) => {
    const jwt = signJwt(key, goodClaims, header);
    expect((await refusedUnasked(jwt)).code).toBe('malformed_jwt');
  });

  it('cannot inherit its parameters from a prototype', async () => {
    const header = Buffer.from('{"__proto__":{"alg":"RS256","kid":"key-1"}}').toString('base64url');
    const jwt = signJwt(key, goodClaims, header);
    expect((await refusedUnasked(jwt)).code).toBe('unsupported_algorithm');
  });
});

describe('the key', () => {
  it('is refused if no key of the set has the kid', async () => {
    expect((await refused(signToken({ ...key, kid: 'key-3' }))).code).toBe('unknown_kid');
  });

  it('is refused if the kid differs in case or white space', async () => {
    for (const kid of ['KEY-1', ' key-1', 'key-1\u0000']) {
      expect((await refused(signToken({ ...key, kid }))).code).toBe('unknown_kid');
    }
  });

  it.each(['__proto__', 'constructor', 'toString', '0', 'length'])(
    'is not found by the kid %s',
    async (kid) => {
      expect((await refused(signToken({ ...key, kid }))).code).toBe('unknown_kid');
    },
  );

  it('is never tried for another kid', async () => {
    expect((await refused(signToken({ ...key, kid: 'key-2' }))).code).toBe('invalid_jwt_signature');
  });

  it('is refused below 2048 bits', async () => {
    const weak = rsaKey('key-1', 1024);
    expect((await refused(signToken(weak), localJwks({ keys: [weak.jwk] }))).code).toBe('unknown_kid');
  });

  it('is refused as a fault of the source if a custom source returns one that cannot verify RS256', async () => {
    const unfit = await Promise.all([
      importJWK(rsaKey('weak', 1024).jwk, 'RS256'),
      importJWK(key.jwk, 'PS256'),
      importJWK({ ...key.jwk, alg: 'RS512' }, 'RS512'),
    ]);
    for (const cryptoKey of unfit as CryptoKey[]) {
      const refusal = await refused(signToken(key), { findKey: async () => cryptoKey });
      expect(refusal.code).toBe('invalid_jwks');
    }
  });

  it('that cannot be fetched is a retryable outage and not a bad token', async () => {
    const server = await jwksServer(statusAnswer(503));
    const refusal = await refused(signToken(key), remoteJwks(server.url));
    expect(refusal).toMatchObject({ code: 'jwks_unavailable', retryable: true });
  });

  it('fails with the error of a custom source', async () => {
    const failure = new Error('the vault is sealed');
    await expect(verify(signToken(key), { findKey: () => Promise.reject(failure) })).rejects.toBe(failure);
  });
});

describe('the signature', () => {
  const jwt = signToken(key);
  const [header = '', payload = '', signature = ''] = jwt.split('.');

  it('is refused if it is from another key', async () => {
    const forged = signToken({ ...key, privateKey: otherKey.privateKey });
    expect(await refused(forged)).toMatchObject({ code: 'invalid_jwt_signature', retryable: false });
  });

  it('is refused over another payload', async () => {
    const changed = encodeJson({ ...goodClaims, account_id: 'account-0' });
    expect((await refused(`${header}.${changed}.${signature}`)).code).toBe('invalid_jwt_signature');
  });

  it('is refused over another header', async () => {
    const changed = encodeJson({ kid: 'key-1', alg: 'RS256' });
    expect((await refused(`${changed}.${payload}.${signature}`)).code).toBe('invalid_jwt_signature');
  });

  it('is refused with any bit changed, cut short, or longer', async () => {
    const bytes = Buffer.from(signature, 'base64url');
    const flipped = Buffer.from(bytes);
    flipped[100] = (flipped[100] ?? 0) ^ 1;
    for (const wrong of [
      flipped,
      bytes.subarray(1),
      Buffer.concat([bytes, Buffer.alloc(1)]),
      Buffer.alloc(256),
    ]) {
      const forged = `${header}.${payload}.${wrong.toString('base64url')}`;
      expect((await refused(forged)).code).toBe('invalid_jwt_signature');
    }
  });

  it('is checked before issuer, audience, times and the private key', async () => {
    const wrong = { ...goodClaims, iss: 'x', aud: 'x', exp: 1, agent_private_key: 'x' };
    const forged = signToken({ ...key, privateKey: otherKey.privateKey }, wrong);
    expect((await refused(forged)).code).toBe('invalid_jwt_signature');
  });
});

describe('the form is checked before anything is fetched', () => {
  it.each(['exp', 'iat', 'iss', 'aud', 'agent_private_key', 'chatgpt_account_is_fedramp'])(
    'refuses a token without %s',
    async (claim) => {
      const claims = Object.fromEntries(Object.entries(goodClaims).filter(([name]) => name !== claim));
      const refusal = await refusedUnasked(signToken(key, claims));
      expect(refusal.code).toBe('invalid_claims');
      expect(refusal.message).toContain(`${claim}: expected`);
    },
  );

  it('refuses an audience in an array, even a single one', async () => {
    for (const aud of [['codex-app-server'], ['codex-app-server', 'other'], []]) {
      expect((await refusedUnasked(signToken(key, { ...goodClaims, aud }))).code).toBe('invalid_claims');
    }
  });

  it('refuses text that is not a JWT', async () => {
    expect((await refusedUnasked('not.a.jwt!')).code).toBe('malformed_jwt');
  });
});

describe('issuer and audience', () => {
  it.each([
    'https://chatgpt.com/codex-backend/agent-identity/',
    'https://chatgpt.com/codex-backend',
    'HTTPS://chatgpt.com/codex-backend/agent-identity',
    'https://id.example',
  ])('refuses the issuer %s', async (iss) => {
    expect((await refused(signToken(key, { ...goodClaims, iss }))).code).toBe('wrong_issuer');
  });

  it.each(['codex-app-server ', 'codex', 'Codex-App-Server', 'https://codex-app-server'])(
    'refuses the audience "%s"',
    async (aud) => {
      expect((await refused(signToken(key, { ...goodClaims, aud }))).code).toBe('wrong_audience');
    },
  );
});

describe('time', () => {
  const jwt = signToken(key, { ...goodClaims, exp: issuedAt + 100 });

  it.each([0, 99, 100, 130, 159, 159.999])(
    'passes %f s after issue, where it expires after 100 s',
    async (after) => {
      expect((await verifyAt(jwt, after)).exp).toBe(issuedAt + 100);
    },
  );

  it.each([160, 170, 100_000])('refuses %i s after issue, when the leeway of 60 s is over', async (after) => {
    const refusal = await refusalOf(verifyAt(jwt, after), jwt);
    expect(refusal).toMatchObject({ code: 'jwt_expired', retryable: false });
    expect(refusal.message).toContain(`expired ${after - 100} s ago`);
  });

  it("uses the caller's leeway", async () => {
    await verifyAt(jwt, 99, 0);
    expect((await refusalOf(verifyAt(jwt, 100, 0), jwt)).code).toBe('jwt_expired');
    await verifyAt(jwt, 399, 300);
    expect((await refusalOf(verifyAt(jwt, 400, 300), jwt)).code).toBe('jwt_expired');
  });

  it('reads the clock when the key has arrived, not when it was requested', async () => {
    let now = issuedAt * 1000;
    const slow: JwksSource = {
      findKey(kid) {
        now += 200_000;
        return jwks.findKey(kid);
      },
    };
    const verified = verifyAgentIdentityJwt(jwt, { jwks: slow }, { clock: () => now });
    expect((await refusalOf(verified, jwt)).code).toBe('jwt_expired');
  });

  it('refuses a token before its nbf minus the leeway and states the difference', async () => {
    const early = signToken(key, { ...goodClaims, nbf: issuedAt + 600 });
    const refusal = await refusalOf(verifyAt(early, 539.999), early);
    expect(refusal).toMatchObject({ code: 'jwt_not_yet_valid', retryable: false });
    expect(refusal.message).toContain('not valid for another 61 s');
    expect((await verifyAt(early, 540)).nbf).toBe(issuedAt + 600);
    expect((await refusalOf(verifyAt(early, 599, 0), early)).code).toBe('jwt_not_yet_valid');
    await verifyAt(early, 600, 0);
  });

  it('accepts a fractional nbf and reads null as none', async () => {
    const fraction = signToken(key, { ...goodClaims, nbf: issuedAt + 60.5 });
    expect((await refusalOf(verifyAt(fraction, 0.499), fraction)).code).toBe('jwt_not_yet_valid');
    await verifyAt(fraction, 0.5);
    await verifyAt(signToken(key, { ...goodClaims, nbf: null }), 0);
  });

  it('accepts an iat in the future, because issuers use nbf for "not yet"', async () => {
    expect((await verify(signToken(key, { ...goodClaims, iat: issuedAt + 86_400 }))).iat).toBe(
      issuedAt + 86_400,
    );
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '60' as unknown as number])(
    'refuses a leeway of %s',
    async (leewaySeconds) => {
      const verified = verifyAgentIdentityJwt(
        signToken(key),
        { jwks, leewaySeconds },
        { clock: issuedClock },
      );
      expect((await refusalOf(verified)).code).toBe('invalid_argument');
    },
  );

  it('refuses a clock that does not return a finite number', async () => {
    const verified = verifyAgentIdentityJwt(signToken(key), { jwks }, { clock: () => Number.NaN });
    expect((await refusalOf(verified)).code).toBe('invalid_argument');
  });

  it('uses the system clock by default', async () => {
    const now = Math.floor(Date.now() / 1000);
    const current = signToken(key, { ...goodClaims, iat: now, exp: now + 600 });
    expect((await verifyAgentIdentityJwt(current, { jwks })).exp).toBe(now + 600);
    const past = signToken(key, { ...goodClaims, iat: now - 600, exp: now - 300 });
    expect((await refusalOf(verifyAgentIdentityJwt(past, { jwks }), past)).code).toBe('jwt_expired');
  });
});

describe('an abort', () => {
  it("ends the wait for the key set with the caller's reason", async () => {
    const server: JwksServer = await jwksServer(() => controller.abort(reason));
    const controller = new AbortController();
    const reason = new Error('enough');
    const source = remoteJwks(server.url);
    const verified = verifyAgentIdentityJwt(
      signToken(key),
      { jwks: source },
      { clock: issuedClock, signal: controller.signal },
    );
    await expect(verified).rejects.toBe(reason);
  });
});
