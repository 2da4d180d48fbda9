import { remoteJwks } from 'agent-identity-jwt';
import { rsaKey } from 'test-support';
import { foreignFetches } from 'test-support/foreign-fetches';
import { describe, expect, it } from 'vitest';
import { jwksServer, keysAnswer, statusAnswer } from '../support/jwks-server.js';
import { refusalOf } from '../support/refusal.js';

const key = rsaKey('key-1');

describe.each(foreignFetches)('remoteJwks with %s', (_name, fetch) => {
  it('fetches a key set with one request and caches it', async () => {
    const server = await jwksServer(keysAnswer([key.jwk], { 'cache-control': 'max-age=600' }));
    const jwks = remoteJwks(server.url, {}, { fetch });
    for (let i = 0; i < 3; i += 1) expect((await jwks.findKey('key-1')).type).toBe('public');
    expect(server.requests).toHaveLength(1);
  });

  it('follows a redirect within the origin', async () => {
    const server = await jwksServer((request, response) =>
      (request.url === '/moved' ? keysAnswer([key.jwk]) : statusAnswer(302, { location: '/moved' }))(
        request,
        response,
      ),
    );
    expect((await remoteJwks(server.url, {}, { fetch }).findKey('key-1')).type).toBe('public');
  });

  it.each([404, 500])('reports status %i as an outage, after one request', async (status) => {
    const server = await jwksServer(statusAnswer(status));
    const refusal = await refusalOf(remoteJwks(server.url, {}, { fetch }).findKey('key-1'));
    expect(refusal).toMatchObject({ code: 'jwks_unavailable', retryable: true });
    expect(refusal.message).toContain(`got ${status}`);
    expect(server.requests).toHaveLength(1);
  });

  it('refuses a body over 256 KiB', async () => {
    const server = await jwksServer((_request, response) => response.end(' '.repeat(300_000)));
    const refusal = await refusalOf(remoteJwks(server.url, {}, { fetch }).findKey('key-1'));
    expect(refusal.code).toBe('invalid_jwks');
  });

  it('has a time limit', async () => {
    const server = await jwksServer((_request, response) => void response.write('{'));
    const jwks = remoteJwks(server.url, { timeoutSeconds: 0.05 }, { fetch });
    expect((await refusalOf(jwks.findKey('key-1'))).message).toContain('within 0.05 s');
  });

  it('reports a refused connection with its code', async () => {
    const refusal = await refusalOf(remoteJwks('http://127.0.0.1:1/jwks', {}, { fetch }).findKey('key-1'));
    expect(refusal.message).toContain('the connection failed');
  });
});
