import { accountFromClaims, type OidcTokensOptions, oidcTokens } from 'agent-identity-authority-core';
import { generateAgentKey } from 'agent-identity-core';
import { SignJWT, UnsecuredJWT } from 'jose';
import { oidcIssuer } from 'test-support/oidc';
import { describe, expect, it } from 'vitest';
import { bearer, now, registrationOf, startAuthority } from '../support/start-authority.js';

const subjectOf = accountFromClaims({ accountId: 'org' });

async function issuerAndTokens(options: Partial<OidcTokensOptions<unknown>> = {}) {
  let time = now;
  const started = await oidcIssuer(() => time);
  const tokens = oidcTokens(
    { issuer: started.issuer, audience: 'agents', subjectOf, ...options },
    { clock: () => time },
  );
  return {
    ...started,
    tokens,
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
    const { tokens, token, rotate } = await issuerAndTokens();
    expect(await tokens.authenticate(await token())).toBeDefined();
    rotate('key-1');
    expect(await tokens.authenticate(await token())).toBeUndefined();
  });

  it('a token of an unknown key is refused without fetching the keys again at once', async () => {
    const { tokens, token, rotate, requestedPaths } = await issuerAndTokens();
    expect(await tokens.authenticate(await token())).toBeDefined();
    rotate('key-2');
    for (let i = 0; i < 3; i++) expect(await tokens.authenticate(await token())).toBeUndefined();
    expect(requestedPaths).toHaveLength(2);
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
    const authenticator = oidcTokens(
      { issuer, audience: 'agents', subjectOf, timeoutSeconds: 1 },
      { clock: () => now },
    );
    const failures: unknown[] = [];
    const { post } = await startAuthority({ authenticator, onFailure: (failure) => failures.push(failure) });
    respondWith(answer);
    const refused = await post('/v1/agent/register', registrationOf(), bearer(await token()));
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'authenticator_unavailable' } } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(failures).toHaveLength(1);
    respondWith(undefined);
    expect((await post('/v1/agent/register', registrationOf(), bearer(await token()))).status).toBe(200);
  });

  it('the response is 503 if the keys fail after a successful discovery', async () => {
    const { issuer, tokens, token, respondWith } = await issuerAndTokens();
    respondWith((request, response) => {
      const ok = request.url !== '/keys';
      response.writeHead(ok ? 200 : 503);
      response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }));
    });
    await expect(tokens.authenticate(await token())).rejects.toThrow();
    respondWith(undefined);
    expect(await tokens.authenticate(await token())).toBeDefined();
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
  ['invalid_argument', { timeoutSeconds: 0 }],
  ['invalid_argument', { leewaySeconds: -1 }],
])('oidcTokens refuses invalid options with %s: %j', (code, wrong) => {
  const options = { issuer: 'https://login.example.com', audience: 'agents', subjectOf, ...wrong };
  expect(() => oidcTokens(options as OidcTokensOptions<unknown>)).toThrow(expect.objectContaining({ code }));
});
