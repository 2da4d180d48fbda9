import { agentIdentityJwksUrl } from 'agent-identity-jwt';
import { createLocalJWKSet } from 'jose';
import { describe, expect, it } from 'vitest';
import { newSigningKeyPem, startAuthority } from '../support/start-authority.js';

describe('GET …/agent-identities/jwks', () => {
  it.each([
    '',
    '/',
    '/backend-api',
    '/backend-api/',
    '/codex',
    '/some/base/backend-api/codex',
    '/api/accounts',
  ])('is served at the URL that clients derive from the JWT base path "%s"', async (basePath) => {
    const { authority, url, get } = await startAuthority();
    const derived = new URL(agentIdentityJwksUrl(`${url}${basePath}`));
    const { status, headers, body } = await get(derived.pathname);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    expect(body).toEqual(await authority.jwks());
  });

  it('responds with 304 to an unchanged ETag until a rotation', async () => {
    const { authority, get } = await startAuthority({ generateSigningKey: async () => newSigningKeyPem() });
    const etag = (await get('/agent-identities/jwks')).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[^"]+"$/);
    const headers = { 'if-none-match': etag };
    const unchanged = await get('/backend-api/wham/agent-identities/jwks', { headers });
    expect(unchanged).toMatchObject({ status: 304, body: undefined });
    expect(unchanged.headers.get('cache-control')).toBe('public, max-age=300');
    await authority.rotateSigningKey();
    const changed = await get('/agent-identities/jwks', { headers });
    expect(changed).toMatchObject({ status: 200 });
    expect(changed.body.keys).toHaveLength(2);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  it('has public members only', async () => {
    const { get } = await startAuthority();
    const { body } = await get('/agent-identities/jwks');
    expect(body.keys).toHaveLength(1);
    expect(Object.keys(body.keys[0]).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect(body.keys[0]).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig' });
    expect(createLocalJWKSet(body)).toBeTypeOf('function');
  });

  it.each(['/agent-identities/jwks/', '/agent-identities/jwks.json', '/x-agent-identities/jwks', '/jwks'])(
    'is not served at %s',
    async (path) => {
      const { get } = await startAuthority();
      expect((await get(path)).status).toBe(404);
    },
  );

  it('supports HEAD but not POST', async () => {
    const { get } = await startAuthority();
    expect((await get('/agent-identities/jwks', { method: 'HEAD' })).status).toBe(200);
    const { status, headers } = await get('/agent-identities/jwks', { method: 'POST', body: '{}' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});
