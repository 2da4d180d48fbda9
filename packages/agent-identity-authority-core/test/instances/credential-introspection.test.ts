import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { credentialIntrospection } from 'agent-identity-authority-core';
import { listenOnLoopback } from 'test-support';
import { describe, expect, it } from 'vitest';
import { apiKey, platformActor } from '../support/instance-registration.js';

const active = JSON.stringify({
  active: true,
  actor: { kind: 'platform', user_id: 'user-1', organization_id: 'org-1' },
});
const none = { organizationId: undefined, projectId: undefined };

/** An introspection endpoint that answers with this, and what it received. */
async function endpoint(answer: string, status = 200, headers: Record<string, string> = {}) {
  const received: { authorization: string | undefined; form: Record<string, string> }[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const form = new URLSearchParams((await request.toArray()).join(''));
    received.push({ authorization: request.headers.authorization, form: Object.fromEntries(form) });
    response.writeHead(status, headers).end(answer);
  });
  const url = `${await listenOnLoopback(server)}/introspect`;
  return { url, received };
}

describe('credentialIntrospection', () => {
  it('sends the credential and the selection as a form, and returns the actor', async () => {
    const { url, received } = await endpoint(active);
    const authenticator = credentialIntrospection({ url, accessToken: 'token-of-the-authority' });
    expect(await authenticator.authenticate(apiKey, none)).toEqual(platformActor);
    await authenticator.authenticate(apiKey, { organizationId: 'org-1', projectId: 'project-1' });
    expect(received).toEqual([
      { authorization: 'Bearer token-of-the-authority', form: { token: apiKey } },
      {
        authorization: 'Bearer token-of-the-authority',
        form: { token: apiKey, organization_id: 'org-1', project_id: 'project-1' },
      },
    ]);
  });

  it('refuses what the endpoint calls inactive, and tells an inactive source from an invalid credential', async () => {
    const invalid = credentialIntrospection(await endpoint('{"active":false}').then(({ url }) => ({ url })));
    expect(await invalid.authenticate(apiKey, none)).toBeUndefined();
    const { url } = await endpoint('{"active":false,"reason":"source_inactive"}');
    await expect(async () =>
      credentialIntrospection({ url }).authenticate(apiKey, none),
    ).rejects.toMatchObject({ code: 'runtime_actor_source_inactive' });
  });

  it.each([
    ['no JSON', 'active', 200],
    ['another form', '{"active":"yes"}', 200],
    ['no actor', '{"active":true}', 200],
    ['an unknown reason', '{"active":false,"reason":"other"}', 200],
    ['too much', ' '.repeat(70_000), 200],
    ['a redirect', active, 302],
    ['a 401', active, 401],
    ['a 500', active, 500],
  ])('rejects without the credential if the endpoint answers with %s', async (_what, answer, status) => {
    const { url } = await endpoint(answer, status, { location: 'http://127.0.0.1:1/' });
    const error = await Promise.resolve(credentialIntrospection({ url }).authenticate(apiKey, none)).then(
      () => expect.fail(),
      (thrown: Error) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toMatchObject({ code: 'runtime_actor_source_inactive' });
    expect(String(error.stack)).not.toContain(apiKey);
  });

  it('refuses unsuitable options', () => {
    for (const [options, code] of [
      [{ url: 'http://keys.example/introspect' }, 'insecure_url'],
      [{ url: 'https://keys.example', timeoutSeconds: 0 }, 'invalid_argument'],
      [{ url: 'https://keys.example', accessToken: 'a b' }, 'invalid_argument'],
      [{ url: 'https://keys.example', token: 'x' }, 'invalid_argument'],
    ] as const) {
      expect(() => credentialIntrospection(options as never)).toThrow(expect.objectContaining({ code }));
    }
  });
});
