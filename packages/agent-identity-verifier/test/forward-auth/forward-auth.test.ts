import { createAssertionVerifier } from 'agent-identity-verifier';
import { type ForwardAuthOptions, forwardAuth } from 'agent-identity-verifier/forward-auth';
import { describe, expect, it } from 'vitest';
import { headerOf, knownAgent, now } from '../support/known-agent.js';
import { instanceHeaderOf, knownInstance } from '../support/known-instance.js';

const agent = knownAgent();
const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };

/** Asks about a request of the agent; returns the response and the errors that were reported. */
async function ask(
  options: Partial<ForwardAuthOptions>,
  [method, host, uri]: readonly [string, string, string],
  sent: Record<string, string> = headers,
) {
  const refusals: unknown[] = [];
  const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => now });
  const handle = forwardAuth(verifier, {
    rules: [{ path: '/**' }],
    onRefusal: (error) => refusals.push(error),
    ...options,
  });
  const forwarded = { 'x-forwarded-method': method, 'x-forwarded-host': host, 'x-forwarded-uri': uri };
  const present = Object.entries({ ...sent, ...forwarded }).filter(([, value]) => value !== '');
  const response = await handle(new Request('http://127.0.0.1/', { headers: Object.fromEntries(present) }));
  return { response, refusals, error: response.headers.get('x-agent-error') };
}

const factsOf = ({ headers: received }: Response) =>
  Object.fromEntries([...received].filter(([name]) => name.startsWith('x-agent-')));

describe('the facts of an agent', () => {
  it('are in headers, and empty where there is none', async () => {
    const { response } = await ask({}, ['GET', 'a.example', '/v1']);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(factsOf(response)).toEqual({
      'x-agent-id': 'agent-1',
      'x-agent-generation': '1',
      'x-agent-task-id': 'task-1',
      'x-agent-account-id': 'account-1',
      'x-agent-user-id': '',
      'x-agent-organization-id': '',
      'x-agent-project-id': '',
      'x-agent-capabilities': '',
    });
  });

  it('have capabilities with spaces between them', async () => {
    agent.change({ capabilities: ['repository:read', 'a%b'] });
    const { response } = await ask({}, ['GET', 'a.example', '/v1']);
    agent.change({});
    expect(response.headers.get('x-agent-capabilities')).toBe('repository:read a%25b');
  });

  it('may have other headers, or none', async () => {
    const { response } = await ask(
      {
        headers: {
          agentId: 'X-Caller',
          taskId: false,
          projectId: false,
          capabilities: false,
          organizationId: false,
          userId: false,
        },
      },
      ['GET', 'a.example', '/v1'],
    );
    expect(response.headers.get('x-caller')).toBe('agent-1');
    expect(Object.keys(factsOf(response)).sort()).toEqual(['x-agent-account-id', 'x-agent-generation']);
    expect([...response.headers.keys()].sort()).toEqual([
      'cache-control',
      'x-agent-account-id',
      'x-agent-generation',
      'x-caller',
    ]);
  });

  it.each([
    { kind: 'chatgpt', userId: 'user\r\nx-agent-id: forged', accountId: 'Zürich 100%' },
    { kind: 'platform', userId: 'user-1', organizationId: 'org-1', projectId: null },
    { kind: 'platform', userId: 'user-1', organizationId: 'org-1', projectId: 'project-1' },
  ] as const)('are percent-encoded, so that no id adds a header: %j', async (actor) => {
    const instance = knownInstance(actor);
    const verifier = createAssertionVerifier(
      { directory: instance.directory, generations: [2], accountMatch: 'when_given' },
      { clock: () => now },
    );
    const response = await forwardAuth(verifier, { rules: [{ path: '/**' }] })(
      new Request('http://127.0.0.1/', {
        headers: {
          authorization: instanceHeaderOf(instance),
          'x-forwarded-method': 'GET',
          'x-forwarded-host': 'a.example',
          'x-forwarded-uri': '/',
        },
      }),
    );
    expect(factsOf(response)).toMatchObject(
      actor.kind === 'chatgpt'
        ? {
            'x-agent-id': 'rai-1',
            'x-agent-user-id': 'user%0d%0ax-agent-id:%20forged',
            'x-agent-account-id': 'Z%c3%bcrich%20100%25',
          }
        : {
            'x-agent-account-id': '',
            'x-agent-organization-id': 'org-1',
            'x-agent-project-id': actor.projectId ?? '',
          },
    );
  });
});

describe('a refusal', () => {
  it('has the status, the challenge and the body of the verifier, and the code in a header', async () => {
    const { response, error } = await ask({}, ['GET', 'a.example', '/'], {});
    expect([response.status, error]).toEqual([401, 'missing_assertion']);
    expect(response.headers.get('www-authenticate')).toBe('AgentAssertion');
    expect(await response.json()).toMatchObject({ error: { code: 'missing_assertion' } });
    expect(response.headers.get('x-agent-id')).toBeNull();
  });

  it.each(['method', 'host', 'uri'])('is a 500 if the proxy does not send the %s', async (missing) => {
    const of = (name: string, value: string) => (name === missing ? '' : value);
    const { response, error, refusals } = await ask({}, [
      of('method', 'GET'),
      of('host', 'a.example'),
      of('uri', '/'),
    ]);
    expect([response.status, error]).toEqual([500, 'internal_error']);
    expect(refusals).toMatchObject([
      { code: 'invalid_forwarded_request', message: expect.stringContaining(`x-forwarded-${missing}`) },
    ]);
  });

  it('says nothing of the rules to somebody who is not an agent', async () => {
    const { error } = await ask({ rules: [{ path: '/v1' }] }, ['GET', 'a.example', '/v2'], {});
    expect(error).toBe('missing_assertion');
  });
});

describe('the rules', () => {
  const rules = [
    { host: 'models.example', methods: ['POST'], path: '/v1/responses' },
    { host: 'models.example', path: '/v1/models/*/files' },
    { host: 'tools.example', path: '/private/**', accounts: ['account-2'] },
    { host: 'tools.example', path: '/caf%C3%A9/**', accounts: ['account-2'] },
    { host: 'tools.example', path: '/**' },
    { host: 'admin.example', path: '/**', accounts: ['account-2'] },
    { host: 'shared.example', path: '/**', accounts: ['account-2', 'account-1'] },
    { path: '/public' },
  ];

  it.each([
    ['POST', 'models.example', '/v1/responses', 200],
    ['POST', 'Models.Example:443', '/v1/responses?stream=true', 200],
    ['GET', 'models.example', '/v1/responses', 403],
    ['POST', 'models.example', '/v1/responses/', 403],
    ['POST', 'models.example', '/v1/Responses', 403],
    ['POST', 'other.example', '/v1/responses', 403],
    ['POST', 'models.example, other.example', '/v1/responses', 403],
    ['GET', 'models.example', '/v1/models/m-1/files', 200],
    ['GET', 'models.example', '/v1/models//files', 403],
    ['GET', 'models.example', '/v1/models/m-1/more/files', 403],
    ['GET', 'tools.example', '/', 200],
    ['GET', 'tools.example', '/a/b/c', 200],
    ['GET', 'tools.example', '/private', 403],
    ['GET', 'tools.example', '/private/notes', 403],
    ['GET', 'tools.example', '/public/../private/notes', 403],
    ['GET', 'tools.example', '/public/%2e%2e/private/notes', 403],
    ['GET', 'tools.example', '/%70rivate/notes', 403],
    ['GET', 'tools.example', '/%50RIVATE/notes', 200],
    ['GET', 'tools.example', '/caf%C3%A9/menu', 403],
    ['GET', 'tools.example', '/caf%c3%a9/menu', 403],
    ['GET', 'tools.example', '/caf%C3/menu', 403],
    ['GET', 'tools.example', '/caf%C3%A8/menu', 200],
    ['GET', 'tools.example', '//private/notes', 403],
    ['GET', 'tools.example', '/%2fprivate', 403],
    ['GET', 'tools.example', '/public\\..\\private', 403],
    ['GET', 'tools.example', '/public/..;/private', 403],
    ['GET', 'tools.example', 'http://tools.example/public', 403],
    ['GET', 'tools.example', '/a, /b', 403],
    ['GET', 'any.example', '/public', 200],
    ['GET', '127.0.0.1:8080', '/public', 200],
    ['GET', '[::1]:8080', '/public', 200],
    ['GET', 'admin.example', '/public', 403],
    ['GET', 'shared.example', '/public', 200],
    ['GET', 'ADMIN.example:443', '/public', 403],
    ['GET', 'admin.example.', '/public', 403],
    ['GET', 'admin.example:', '/public', 403],
    ['GET', 'admin.example.:8080', '/public', 403],
    ['GET', 'admin.example..', '/public', 403],
    ['GET', 'admin.example, any.example', '/public', 403],
    ['GET', 'admin%2eexample', '/public', 403],
    ['GET', 'user@admin.example', '/public', 403],
  ])('decide on %s %s%s: %i', async (method, host, uri, status) => {
    const { response, error } = await ask({ rules }, [method, host, uri]);
    expect(response.status).toBe(status);
    expect(error).toBe(status === 200 ? null : 'request_not_allowed');
  });

  it('let only agents with the capability through', async () => {
    const guarded = [{ path: '/write', capability: 'repository:write' }, { path: '/**' }];
    const write = () => ask({ rules: guarded }, ['POST', 'a.example', '/write']);
    const { response, error } = await write();
    expect([response.status, error]).toEqual([403, 'capability_missing']);
    expect((await ask({ rules: guarded }, ['GET', 'a.example', '/'])).response.status).toBe(200);
    agent.change({ capabilities: ['repository:write'] });
    expect((await write()).response.status).toBe(200);
    agent.change({});
  });

  it.each([
    ['a capability with a space', [{ path: '/', capability: 'a b' }], 'rules[0].capability'],
    ['no rules', [], 'rules: expected a list of rules'],
    ['no list', { path: '/' }, 'rules: expected a list of rules'],
    ['an unknown member', [{ path: '/', paths: ['/'] }], 'paths'],
    ['a host with a port', [{ host: 'a.example:443', path: '/' }], 'rules[0].host'],
    ['a host in capitals', [{ host: 'A.example', path: '/' }], 'rules[0].host'],
    ['a host with a slash', [{ host: 'a.example/x', path: '/' }], 'rules[0].host'],
    ['a host that begins with a dot', [{ host: '.example', path: '/' }], 'rules[0].host'],
    ['a number as host', [{ host: 5, path: '/' }], 'rules[0].host'],
    ['no path', [{ path: '/' }, { host: 'a.example' }], 'rules[1].path'],
    ['dot segments', [{ path: '/a/../b' }], 'rules[0].path'],
    ['an open segment in the middle', [{ path: '/a/**/b' }], 'rules[0].path'],
    ['a part of a segment', [{ path: '/a*' }], 'rules[0].path'],
    ['a method in lower case', [{ methods: ['get'], path: '/' }], 'rules[0].methods'],
    ['a method with more after it', [{ methods: ['GET', 'GET,'], path: '/' }], 'rules[0].methods'],
    ['a method with more before it', [{ methods: [',GET', 'GET'], path: '/' }], 'rules[0].methods'],
    ['a number among accounts', [{ accounts: ['account-1', 5], path: '/' }], 'rules[0].accounts'],
    ['no methods', [{ methods: [], path: '/' }], 'rules[0].methods'],
    ['a text as accounts', [{ accounts: 'account-1', path: '/' }], 'rules[0].accounts'],
  ])('are refused at the start: %s', async (_what, invalid, message) => {
    await expect(ask({ rules: invalid as never }, ['GET', 'a.example', '/'])).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    { agentId: 5 },
    { agentId: 'x agent' },
    { agentId: 'x-agent\r\n' },
    { agentName: 'x-agent-name' },
  ])('headers %j are refused at the start', async (names) => {
    await expect(ask({ headers: names as never }, ['GET', 'a.example', '/'])).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });
});
