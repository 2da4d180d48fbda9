import { agentIdentityJwksUrl } from 'agent-identity-jwt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusedBy } from '../support/refusal.js';

describe('agentIdentityJwksUrl', () => {
  it.each([
    ['https://chatgpt.com/backend-api', 'https://chatgpt.com/backend-api/wham/agent-identities/jwks'],
    ['https://chatgpt.com/backend-api/', 'https://chatgpt.com/backend-api/wham/agent-identities/jwks'],
    ['https://chatgpt.com/backend-api///', 'https://chatgpt.com/backend-api/wham/agent-identities/jwks'],
    [
      'https://chatgpt.com/backend-api/codex',
      'https://chatgpt.com/backend-api/codex/wham/agent-identities/jwks',
    ],
    ['https://id.example/a/backend-api/b', 'https://id.example/a/backend-api/b/wham/agent-identities/jwks'],
    ['https://chatgpt.com', 'https://chatgpt.com/agent-identities/jwks'],
    ['https://chatgpt.com/', 'https://chatgpt.com/agent-identities/jwks'],
    ['https://chatgpt.com/codex', 'https://chatgpt.com/codex/agent-identities/jwks'],
    ['https://id.example:8443/x//', 'https://id.example:8443/x/agent-identities/jwks'],
    ['https://id.example/backend-apis', 'https://id.example/backend-apis/wham/agent-identities/jwks'],
    ['https://id.example/backend-api-v2', 'https://id.example/backend-api-v2/wham/agent-identities/jwks'],
    ['https://id.example/my-backend-api', 'https://id.example/my-backend-api/agent-identities/jwks'],
    ['https://id.example/Backend-API', 'https://id.example/Backend-API/agent-identities/jwks'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/agent-identities/jwks'],
    ['http://localhost:8080/backend-api/', 'http://localhost:8080/backend-api/wham/agent-identities/jwks'],
    ['http://[::1]:8080', 'http://[::1]:8080/agent-identities/jwks'],
  ])('derives from %s', (base, expected) => {
    expect(agentIdentityJwksUrl(base)).toBe(expected);
    expect(agentIdentityJwksUrl(new URL(base))).toBe(expected);
  });

  it('is the production URL without a base', () => {
    expect(agentIdentityJwksUrl()).toBe('https://chatgpt.com/backend-api/wham/agent-identities/jwks');
  });

  it('looks for a segment that starts with backend-api, anywhere in the path', () => {
    const segment = fc.constantFrom('backend-api', 'backend-api2', 'xbackend-api', 'api', 'codex', 'wham');
    fc.assert(
      fc.property(fc.array(segment), fc.nat(3), (segments, slashes) => {
        const path = segments.map((name) => `/${name}`).join('');
        const wham = segments.some((name) => name.startsWith('backend-api')) ? '/wham' : '';
        expect(agentIdentityJwksUrl(`https://id.example${path}${'/'.repeat(slashes)}`)).toBe(
          `https://id.example${path}${wham}/agent-identities/jwks`,
        );
      }),
    );
  });

  it.each([
    'https://id.example/a?tenant=1',
    'https://id.example/a?',
    'https://id.example/a#b',
    'https://id.example/#',
  ])('refuses a query or a fragment: %s', (base) => {
    expect(refusedBy(() => agentIdentityJwksUrl(base)).code).toBe('invalid_base_url');
  });

  it.each([
    'http://id.example',
    'http://127.0.0.1.example',
    'ftp://id.example',
    'id.example/backend-api',
    '/backend-api',
    '',
    'https://user:word@id.example',
  ])('refuses a URL that credentials must not be sent to: %s', (base) => {
    const refusal = refusedBy(() => agentIdentityJwksUrl(base));
    expect(refusal.code).toBe('insecure_url');
    expect(refusal.message).toContain('JWT base URL');
  });

  it('allows plain http only to the hosts in allowPlainHttpHosts', () => {
    const allowPlainHttpHosts = ['id.internal'];
    expect(agentIdentityJwksUrl('http://id.internal', { allowPlainHttpHosts })).toBe(
      'http://id.internal/agent-identities/jwks',
    );
    expect(refusedBy(() => agentIdentityJwksUrl('http://id.other', { allowPlainHttpHosts })).code).toBe(
      'insecure_url',
    );
  });

  it('takes time linear in the length of the base', () => {
    const base = `https://id.example/${'/'.repeat(200_000)}x`;
    expect(agentIdentityJwksUrl(base)).toBe(`${base}/agent-identities/jwks`);
  });
});
