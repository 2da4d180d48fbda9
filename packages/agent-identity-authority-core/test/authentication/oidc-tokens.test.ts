import { generateKeyPairSync } from 'node:crypto';
import {
  type AccessTokenRefusal,
  accountFromClaims,
  administratorFromClaims,
  type OidcTokensOptions,
  oidcTokens,
} from 'agent-identity-authority-core';
import { generateAgentKey } from 'agent-identity-core';
import { SignJWT, UnsecuredJWT } from 'jose';
import { oidcIssuer } from 'test-support/oidc';
import { describe, expect, it } from 'vitest';
import { bearer, now, registrationOf, startAuthority } from '../support/start-authority.js';

const subjectOf = accountFromClaims({ accountId: 'org' });

async function issuerAndTokens(options: Partial<OidcTokensOptions<unknown>> = {}) {
  let time = now;
  const refusals: AccessTokenRefusal[] = [];
  const started = await oidcIssuer(() => time);
  const tokens = oidcTokens(
    {
      issuer: started.issuer,
      audience: 'agents',
      subjectOf,
      onRefusal: (refusal) => refusals.push(refusal),
      ...options,
    },
    { clock: () => time, monotonicClock: () => time },
  );
  return {
    ...started,
    tokens,
    refusals,
    /** Serves these keys from now on. */
    publish(keys: readonly object[]) {
      started.respondWith((request, response) => {
        const isKeys = request.url === '/keys';
        response.end(
          JSON.stringify(isKeys ? { keys } : { issuer: started.issuer, jwks_uri: `${started.issuer}/keys` }),
        );
      });
    },
    passTime(seconds: number) {
      time += seconds * 1000;
    },
  };
}

describe('a valid token', () => {
  it('maps to the account of its claims, and its keys are discovered and fetched once', async () => {
    const { tokens, token, requestedPaths } = await issuerAndTokens();
    const accounts = await Promise.all([1, 2, 3].map(async () => tokens.authenticate(await token())));
    expect(accounts[0]).toMatchObject({
      accountId: 'account-1',
      chatgptUserId: 'user-1',
      planType: 'unknown',
    });
    expect(accounts).toHaveLength(3);
    expect(requestedPaths).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it('is checked with the keys of a given URL without discovery', async () => {
    const { issuer, token, requestedPaths } = await issuerAndTokens();
    const tokens = oidcTokens(
      { issuer, jwksUrl: `${issuer}/keys`, audience: ['others', 'agents'], subjectOf },
      { clock: () => now },
    );
    expect(await tokens.authenticate(await token())).toBeDefined();
    expect(requestedPaths).toEqual(['/keys']);
  });

  it('registers an agent runtime', async () => {
    const { tokens, token } = await issuerAndTokens();
    const { post, store } = await startAuthority({ authenticator: tokens as never });
    const { status, body } = await post(
      '/v1/agent/register',
      registrationOf(generateAgentKey()),
      bearer(await token()),
    );
    expect(status).toBe(200);
    expect(await store.findAgentRuntime(body.agent_runtime_id)).toMatchObject({ accountId: 'account-1' });
  });

  it('is accepted until its expiry and the leeway', async () => {
    const { tokens, token, passTime } = await issuerAndTokens();
    const held = await token();
    passTime(89);
    expect(await tokens.authenticate(held)).toBeDefined();
    passTime(2);
    expect(await tokens.authenticate(held)).toBeUndefined();
  });
});

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
type Key = ReturnType<typeof newKey>;

const jwkOf = ({ publicKey }: Key, members: object = {}) => ({
  ...publicKey.export({ format: 'jwk' }),
  ...members,
});

function signWith({ privateKey }: Key, issuer: string, header: object = {}): Promise<string> {
  const claims = { iss: issuer, aud: 'agents', sub: 'user-1', org: 'account-1', exp: now / 1000 + 60 };
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', ...header }).sign(privateKey);
}

describe('a genuine token is accepted', () => {
  it('if it and the several keys of the issuer have no kid', async () => {
    const { tokens, issuer, publish, requestedPaths } = await issuerAndTokens();
    const keys = [newKey(), newKey(), newKey()];
    publish(keys.map((key) => jwkOf(key)));
    for (const key of keys) expect(await tokens.authenticate(await signWith(key, issuer))).toBeDefined();
    expect(requestedPaths).toHaveLength(2);
    expect(await tokens.authenticate(await signWith(newKey(), issuer))).toBeUndefined();
  });

  it('if the issuer lists its key twice', async () => {
    const { tokens, issuer, publish } = await issuerAndTokens();
    const key = newKey();
    publish([jwkOf(key, { kid: 'one' }), jwkOf(key, { kid: 'one' })]);
    expect(await tokens.authenticate(await signWith(key, issuer, { kid: 'one' }))).toBeDefined();
  });

  it.each([['with a new kid', 'key-2'] as const, ['with the kid of the old one', 'key-1'] as const])(
    'if the issuer has published its key just now, %s',
    async (_what, kid) => {
      const { tokens, token, rotate, requestedPaths } = await issuerAndTokens();
      expect(await tokens.authenticate(await token())).toBeDefined();
      rotate(kid);
      const many = await Promise.all([token(), token(), token()]);
      const accounts = await Promise.all(many.map((one) => tokens.authenticate(one)));
      expect(accounts).not.toContain(undefined);
      expect(requestedPaths).toHaveLength(3);
    },
  );

  it('if the issuer has published its key without a kid just now', async () => {
    const { tokens, issuer, publish } = await issuerAndTokens();
    const [first, second] = [newKey(), newKey()];
    publish([jwkOf(first)]);
    expect(await tokens.authenticate(await signWith(first, issuer))).toBeDefined();
    publish([jwkOf(first), jwkOf(second)]);
    expect(await tokens.authenticate(await signWith(second, issuer))).toBeDefined();
  });

  it.each([
    ['', '/'],
    ['/', ''],
    ['/realm/', '/realm'],
  ])('if the configured issuer ends with "%s" and the provider says "%s"', async (configured, said) => {
    const started = await issuerAndTokens();
    const issuer = `${started.issuer}${said}`;
    started.respondWith((request, response) => {
      const isKeys = request.url === '/keys';
      response.end(
        JSON.stringify(isKeys ? { keys: [jwkOf(key)] } : { issuer, jwks_uri: `${started.issuer}/keys` }),
      );
    });
    const key = newKey();
    const tokens = oidcTokens(
      { issuer: `${started.issuer}${configured}`, audience: 'agents', subjectOf },
      { clock: () => now },
    );
    expect(await tokens.authenticate(await signWith(key, issuer))).toBeDefined();
  });

  it.each([3600, -3600, 315_360_000, -315_360_000])(
    'and its keys are not fetched again after the wall clock jumped by %s s and back',
    async (jump) => {
      let wallClock = now;
      const started = await oidcIssuer(() => now);
      const tokens = oidcTokens(
        { issuer: started.issuer, audience: 'agents', subjectOf },
        { clock: () => wallClock, monotonicClock: () => 0 },
      );
      expect(await tokens.authenticate(await started.token())).toBeDefined();
      wallClock += jump * 1000;
      await tokens.authenticate(await started.token());
      wallClock = now;
      expect(await tokens.authenticate(await started.token())).toBeDefined();
      expect(started.requestedPaths).toHaveLength(2);
    },
  );

  it('with keys that are fetched again after ten minutes of the monotonic clock, although the wall clock stands', async () => {
    let monotonic = 0;
    const started = await oidcIssuer(() => now);
    const tokens = oidcTokens(
      { issuer: started.issuer, audience: 'agents', subjectOf },
      { clock: () => now, monotonicClock: () => monotonic },
    );
    const withdrawn = await started.token();
    expect(await tokens.authenticate(withdrawn)).toBeDefined();
    started.rotate('key-2');
    monotonic += 599_999;
    expect(await tokens.authenticate(withdrawn)).toBeDefined();
    monotonic += 1;
    expect(await tokens.authenticate(withdrawn)).toBeUndefined();
  });
});

describe('onRefusal says why', () => {
  it.each([
    ['issuer', { iss: 'https://issuer.example' }, /^iss: expected "http:.*, got "https:\/\/issuer.example"$/],
    ['audience', { aud: 'somebody-else' }, /^aud: expected one of \["agents"\], got "somebody-else"$/],
    ['audience', { aud: undefined }, /got nothing$/],
    ['claim', { exp: undefined }, /^exp: expected a value, got nothing$/],
    ['expired', { exp: now / 1000 - 31 }, /^exp is in the past$/],
    ['not_yet_valid', { nbf: now / 1000 + 31 }, /^nbf is in the future$/],
    ['claim', { org: undefined }, /^claim org: expected a non-blank string, got undefined$/],
    ['claim', { org: 7 }, /^claim org: expected a non-blank string, got a number$/],
    ['claim', { sub: 7 }, /^claim sub: expected a non-blank string, got a number$/],
  ])('%s, for claims %j', async (reason, claims, message) => {
    const { tokens, token, refusals } = await issuerAndTokens();
    const held = await token(claims);
    expect(await tokens.authenticate(held)).toBeUndefined();
    expect(refusals).toEqual([{ reason, message: expect.stringMatching(message) }]);
    for (const part of held.split('.')) expect(JSON.stringify(refusals)).not.toContain(part);
  });

  it('key, signature, algorithm and malformed', async () => {
    const { tokens, token, issuer, refusals } = await issuerAndTokens({ algorithms: ['ES256'] });
    const forged = newKey();
    const shared = new TextEncoder().encode('a-secret-that-both-sides-would-know');
    await tokens.authenticate(await token());
    for (const refused of [
      await signWith(forged, issuer, { kid: 'key-9' }),
      await signWith(forged, issuer, { kid: 'key-1' }),
      await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).sign(shared),
      'opaque-token',
    ]) {
      expect(await tokens.authenticate(refused)).toBeUndefined();
    }
    expect(refusals.map(({ reason }) => reason)).toEqual(['key', 'signature', 'algorithm', 'malformed']);
  });

  it('role, and the response is 403', async () => {
    const { token, refusals, issuer } = await issuerAndTokens();
    const administrators = oidcTokens(
      {
        issuer,
        audience: 'agents',
        subjectOf: administratorFromClaims({ roleClaim: 'roles', roles: { admin: 'viewer' } }),
        onRefusal: (refusal) => refusals.push(refusal),
      },
      { clock: () => now },
    );
    const { get } = await startAuthority({ administrators });
    const refused = await get('/v1/admin/agents', { headers: bearer(await token({ roles: ['user'] })) });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'insufficient_scope' } } });
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
    expect(refusals).toEqual([
      { reason: 'role', message: 'claim roles: expected one of "admin" among its values' },
    ]);
    expect(
      await get('/v1/admin/agents', { headers: bearer(await token({ roles: ['admin'] })) }),
    ).toMatchObject({ status: 200 });
  });

  it('an exception of the listener changes nothing', async () => {
    const onRefusal = () => {
      throw new Error('full disk');
    };
    const { tokens, token } = await issuerAndTokens({ onRefusal });
    expect(await tokens.authenticate(await token({ aud: 'x' }))).toBeUndefined();
  });
});

it.each(['JWT', 'at+jwt', 'application/at+jwt', 'AT+JWT', 'JOSE'])(
  'a token of the type %s is accepted',
  async (typ) => {
    const { tokens, publish, issuer } = await issuerAndTokens();
    const key = newKey();
    publish([jwkOf(key)]);
    expect(await tokens.authenticate(await signWith(key, issuer, { typ }))).toMatchObject({
      accountId: 'account-1',
    });
  },
);

it.each(['logout+jwt', 'dpop+jwt', 'application/secevent+jwt', ''])(
  'a token of the type %j is refused: it was made for something else',
  async (typ) => {
    const { tokens, refusals, publish, issuer } = await issuerAndTokens();
    const key = newKey();
    publish([jwkOf(key)]);
    expect(await tokens.authenticate(await signWith(key, issuer, { typ }))).toBeUndefined();
    expect(refusals).toMatchObject([{ message: 'typ: expected at+jwt or JWT, got another type' }]);
  },
);

describe('an invalid token', () => {
  it.each([
    ['for another audience', { aud: 'somebody-else' }],
    ['of another issuer', { iss: 'https://issuer.example' }],
    ['without an expiry', { exp: undefined }],
    ['not valid yet', { nbf: now / 1000 + 3600 }],
    ['without an account', { org: undefined }],
    ['with an account that is not a string', { org: 7 }],
    ['without a user', { sub: undefined }],
  ])('is refused %s', async (_what, claims) => {
    const { tokens, token } = await issuerAndTokens();
    expect(await tokens.authenticate(await token(claims))).toBeUndefined();
  });

  it('a token of another key with the same kid is refused', async () => {
    const { tokens, token, issuer } = await issuerAndTokens();
    expect(await tokens.authenticate(await token())).toBeDefined();
    expect(await tokens.authenticate(await signWith(newKey(), issuer, { kid: 'key-1' }))).toBeUndefined();
  });

  it('tokens of an unknown key cause one more request for the keys every ten seconds', async () => {
    const { tokens, token, issuer, requestedPaths, passTime } = await issuerAndTokens();
    expect(await tokens.authenticate(await token())).toBeDefined();
    const forged = await signWith(newKey(), issuer, { kid: 'key-2' });
    for (let i = 0; i < 3; i++) expect(await tokens.authenticate(forged)).toBeUndefined();
    expect(requestedPaths).toHaveLength(3);
    passTime(10);
    for (let i = 0; i < 3; i++) expect(await tokens.authenticate(forged)).toBeUndefined();
    expect(requestedPaths).toHaveLength(4);
  });

  it('an unsigned or HMAC-signed token, or one that is not a JWT, is refused before any request to the issuer', async () => {
    const { tokens, issuer, requestedPaths } = await issuerAndTokens();
    const claims = { iss: issuer, aud: 'agents', sub: 'user-1', org: 'account-1', exp: now / 1000 + 60 };
    const shared = new TextEncoder().encode('a-secret-that-both-sides-would-know');
    const refused = [
      new UnsecuredJWT(claims).encode(),
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(shared),
      'opaque-token',
      'a.b.c',
    ];
    for (const token of refused) expect(await tokens.authenticate(token)).toBeUndefined();
    expect(requestedPaths).toEqual([]);
  });

  it('a token with an algorithm that is not allowed is refused', async () => {
    const { tokens, token } = await issuerAndTokens({ algorithms: ['RS256'] });
    expect(await tokens.authenticate(await token())).toBeUndefined();
  });
});

describe('a provider that fails', () => {
  const outages: [string, Parameters<Awaited<ReturnType<typeof oidcIssuer>>['respondWith']>[0]][] = [
    ['hangs up', (request) => request.socket.destroy()],
    ['answers 500', (_request, response) => response.writeHead(500).end('{}')],
    ['answers 404', (_request, response) => response.writeHead(404).end('{}')],
    ['answers no JSON', (_request, response) => response.writeHead(200).end('<html>')],
    ['answers another document', (_request, response) => response.writeHead(200).end('{"keys":7}')],
    ['redirects', (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['answers more than 256 KiB', (_request, response) => response.writeHead(200).end(' '.repeat(300_000))],
    ['never answers', () => {}],
  ];

  it.each(outages)('the response is 503, never 401, if the provider %s', async (_what, answer) => {
    const { issuer, token, respondWith } = await issuerAndTokens();
    let monotonic = 0;
    const authenticator = oidcTokens(
      { issuer, audience: 'agents', subjectOf, timeoutSeconds: 1 },
      { clock: () => now, monotonicClock: () => monotonic },
    );
    const failures: unknown[] = [];
    const { post } = await startAuthority({ authenticator, onFailure: (failure) => failures.push(failure) });
    respondWith(answer);
    const refused = await post('/v1/agent/register', registrationOf(), bearer(await token()));
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'authenticator_unavailable' } } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(failures).toHaveLength(1);
    respondWith(undefined);
    monotonic += 1000;
    expect((await post('/v1/agent/register', registrationOf(), bearer(await token()))).status).toBe(200);
  });

  it('the response is 503 if the keys fail after a successful discovery', async () => {
    const { issuer, tokens, token, respondWith, passTime } = await issuerAndTokens();
    respondWith((request, response) => {
      const ok = request.url !== '/keys';
      response.writeHead(ok ? 200 : 503);
      response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }));
    });
    await expect(tokens.authenticate(await token())).rejects.toThrow();
    respondWith(undefined);
    passTime(1);
    expect(await tokens.authenticate(await token())).toBeDefined();
  });

  it('gets one request a second and not one per token during an outage from the start', async () => {
    const { tokens, token, respondWith, requestedPaths, passTime } = await issuerAndTokens();
    respondWith((_request, response) => response.writeHead(500).end());
    const held = await token();
    for (let i = 0; i < 3; i++) await expect(tokens.authenticate(held)).rejects.toThrow('got 500');
    await Promise.allSettled([1, 2, 3].map(async () => tokens.authenticate(held)));
    expect(requestedPaths).toHaveLength(1);
    passTime(1);
    await Promise.allSettled([1, 2, 3].map(async () => tokens.authenticate(held)));
    expect(requestedPaths).toHaveLength(2);
  });

  it.each([
    [
      'another issuer’s',
      (issuer: string) => ({ issuer: 'https://other.example', jwks_uri: `${issuer}/keys` }),
    ],
    [
      'with keys over plain http elsewhere',
      (issuer: string) => ({ issuer, jwks_uri: 'http://192.0.2.1/keys' }),
    ],
  ])('the response is 503 if the configuration is %s', async (_what, configuration) => {
    const { issuer, tokens, token, respondWith } = await issuerAndTokens();
    respondWith((_request, response) => response.end(JSON.stringify(configuration(issuer))));
    await expect(tokens.authenticate(await token())).rejects.toThrow();
  });
});

it.each([
  ['insecure_url', { issuer: 'http://login.example.com' }],
  ['insecure_url', { issuer: 'login' }],
  ['insecure_url', { jwksUrl: 'http://login.example.com/keys' }],
  ['invalid_argument', { issuer: '' }],
  ['invalid_argument', { audience: '' }],
  ['invalid_argument', { audience: [] }],
  ['invalid_argument', { algorithms: ['HS256'] }],
  ['invalid_argument', { algorithms: ['none'] }],
  ['invalid_argument', { algorithms: [] }],
  ['invalid_argument', { subjectOf: undefined }],
  ['invalid_argument', { onRefusal: 'log' }],
  ['invalid_argument', { timeoutSeconds: 0 }],
  ['invalid_argument', { leewaySeconds: -1 }],
])('oidcTokens refuses invalid options with %s: %j', (code, wrong) => {
  const options = { issuer: 'https://login.example.com', audience: 'agents', subjectOf, ...wrong };
  expect(() => oidcTokens(options as OidcTokensOptions<unknown>)).toThrow(expect.objectContaining({ code }));
});
