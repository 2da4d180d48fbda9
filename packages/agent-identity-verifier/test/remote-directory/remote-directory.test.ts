import { inspect } from 'node:util';
import { generateAgentKey } from 'agent-identity-core';
import {
  type AgentDirectory,
  createAssertionVerifier,
  type VerificationError,
  verificationFailureResponse,
} from 'agent-identity-verifier';
import {
  type RemoteDirectoryEffects,
  type RemoteDirectoryOptions,
  remoteDirectory,
} from 'agent-identity-verifier/remote-directory';
import { describe, expect, it } from 'vitest';
import {
  type DirectoryServer,
  directoryServer,
  directoryToken,
  errorBody,
} from '../support/directory-server.js';
import { headerOf, now } from '../support/known-agent.js';
import { closedOrigin } from '../support/loopback-server.js';
import { manualClock } from '../support/manual-clock.js';

const agentKey = generateAgentKey();
const agent = { agentKey, agentRuntimeId: 'agent-1', taskId: 'task-1' };
const wireRuntime = {
  agent_runtime_id: 'agent-1',
  agent_public_key: agentKey.publicKey.ssh,
  account_id: 'account-1',
  status: 'active',
} as const;
const wireTask = { agent_runtime_id: 'agent-1', task_id: 'task-1', status: 'live' } as const;
const runtimePath = '/v1/directory/agents/agent-1';
const taskPath = `${runtimePath}/tasks/task-1`;

interface Scene extends ReturnType<typeof manualClock> {
  readonly server: DirectoryServer;
  readonly directory: AgentDirectory;
  readonly failures: VerificationError[];
}

/** An authority that knows one runtime and task, a directory that asks it, and the directory's clock. */
async function scene(
  options: Partial<RemoteDirectoryOptions> = {},
  effects: RemoteDirectoryEffects = {},
): Promise<Scene> {
  const server = await directoryServer({ runtime: wireRuntime, task: wireTask });
  const time = manualClock(now);
  const failures: VerificationError[] = [];
  const directory = remoteDirectory(
    { baseUrl: server.origin, accessToken: directoryToken, ...options },
    { clock: time.clock, onFailure: (failure) => failures.push(failure), ...effects },
  );
  return { server, directory, failures, ...time };
}

/** The error that the directory rejects with: of this family, and without the token. */
async function failureOf(answer: unknown): Promise<VerificationError> {
  const error = await Promise.resolve(answer).then(
    () => expect.fail('expected a failure, got an answer'),
    (reason: unknown) => reason as VerificationError,
  );
  expect(error.code).toBe('directory_unavailable');
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(directoryToken);
  return error;
}

function outage(server: DirectoryServer, status = 503): void {
  server.instead = (_request, response) => response.writeHead(status).end('down');
}

describe('asking', () => {
  it('gives the runtime and the task that the authority knows', async () => {
    const { directory } = await scene();
    const runtime = await directory.findAgentRuntime('agent-1');
    expect(runtime).toMatchObject({ agentRuntimeId: 'agent-1', accountId: 'account-1', status: 'active' });
    expect(runtime?.publicKey.ssh).toBe(agentKey.publicKey.ssh);
    expect(await directory.findAgentTask('agent-1', 'task-1')).toEqual({
      ...agent,
      agentKey: undefined,
      status: 'live',
    });
  });

  it('sends the bearer token, and asks caches on the way for what is true now', async () => {
    const { directory, server } = await scene();
    await directory.findAgentRuntime('agent-1');
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      url: runtimePath,
      headers: {
        authorization: `Bearer ${directoryToken}`,
        accept: 'application/json',
        'cache-control': 'no-cache',
      },
    });
  });

  it('takes a token anew for each request from a function', async () => {
    const tokens = ['token-1', directoryToken];
    const { directory, server, advance } = await scene({ accessToken: async () => tokens.shift() ?? '' });
    await failureOf(directory.findAgentRuntime('agent-1'));
    advance(1);
    expect(await directory.findAgentRuntime('agent-1')).toBeDefined();
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      `Bearer ${directoryToken}`,
    ]);
  });

  it('asks below the path of the base URL, whatever slashes it ends with', async () => {
    const { server } = await scene();
    for (const base of ['/api/accounts', '/api/accounts//']) {
      const directory = remoteDirectory({ baseUrl: server.origin + base, accessToken: directoryToken });
      await failureOf(directory.findAgentRuntime('agent-1'));
    }
    expect(server.requests.map(({ url }) => url)).toEqual(Array(2).fill(`/api/accounts${runtimePath}`));
  });

  it('keeps an id one segment of the path, and asks for none that cannot be', async () => {
    const { directory, server } = await scene();
    expect(await directory.findAgentRuntime('../../admin?x#y')).toBeUndefined();
    expect(await directory.findAgentTask('agent-1', 'a/b')).toBeUndefined();
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/v1/directory/agents/..%2F..%2Fadmin%3Fx%23y',
      `${runtimePath}/tasks/a%2Fb`,
    ]);
    for (const id of ['', '.', '..', 'a'.repeat(4000)]) {
      expect(await directory.findAgentRuntime(id)).toBeUndefined();
      expect(await directory.findAgentTask('agent-1', id)).toBeUndefined();
    }
    expect(server.requests).toHaveLength(2);
  });

  it('asks once for all who wait for the same', async () => {
    const { directory, server } = await scene();
    await Promise.all(Array.from({ length: 50 }, () => directory.findAgentRuntime('agent-1')));
    await Promise.all(Array.from({ length: 50 }, () => directory.findAgentTask('agent-1', 'task-1')));
    expect(server.log).toEqual([runtimePath, taskPath]);
  });
});

describe('keeping answers', () => {
  it('answers at once for 5 s, without asking', async () => {
    const { directory, server, advance } = await scene();
    const first = await directory.findAgentRuntime('agent-1');
    advance(4.999);
    expect(directory.findAgentRuntime('agent-1')).toBe(first);
    expect(server.requests).toHaveLength(1);
    advance(0.001);
    await directory.findAgentRuntime('agent-1');
    expect(server.requests).toHaveLength(2);
  });

  it('counts from when it asked, not from when the answer came', async () => {
    const { directory, server, advance } = await scene();
    server.instead = (_request, response) => {
      advance(4);
      response.end(JSON.stringify(wireRuntime));
    };
    await directory.findAgentRuntime('agent-1');
    advance(1);
    server.instead = undefined;
    await directory.findAgentRuntime('agent-1');
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    ['max-age below the bound', { 'cache-control': 'private, max-age=2' }, 2],
    ['max-age over the bound', { 'cache-control': 'max-age=3600' }, 5],
    ['the shortest of several', { 'cache-control': 'max-age=4, Max-Age="3"' }, 3],
    ['what is left of max-age after Age', { 'cache-control': 'max-age=4', age: '3' }, 1],
    ['what is left of the bound after Age', { 'cache-control': 'max-age=3600', age: '4' }, 1],
    ['the bound where nothing is said', {}, 5],
  ])('keeps to %s', async (_what, headers, seconds) => {
    const { directory, server, advance } = await scene();
    server.headers = headers;
    await directory.findAgentRuntime('agent-1');
    advance(seconds - 0.001);
    await directory.findAgentRuntime('agent-1');
    expect(server.requests).toHaveLength(1);
    advance(0.001);
    await directory.findAgentRuntime('agent-1');
    expect(server.requests).toHaveLength(2);
  });

  it.each(['no-store', 'no-cache', 'max-age=0', 'max-age=soon', 'private, max-age=5, no-store'])(
    'keeps nothing of an answer with %s',
    async (cacheControl) => {
      const { directory, server } = await scene();
      server.headers = { 'cache-control': cacheControl };
      for (let i = 0; i < 3; i += 1) await directory.findAgentRuntime('agent-1');
      expect(server.requests).toHaveLength(3);
    },
  );

  it('takes no answer that a cache on the way kept for longer than the bound', async () => {
    const { directory, server } = await scene();
    server.headers = { 'cache-control': 'max-age=3600', age: '6' };
    await failureOf(directory.findAgentRuntime('agent-1'));
  });

  it('asks whether the answer at hand still holds, and keeps it and its key if so', async () => {
    const { directory, server, advance } = await scene();
    const first = await directory.findAgentRuntime('agent-1');
    advance(5);
    expect(await directory.findAgentRuntime('agent-1')).toBe(first);
    advance(4.999);
    expect(directory.findAgentRuntime('agent-1')).toBe(first);
    advance(0.001);
    server.runtime = { ...wireRuntime, account_id: 'account-2' };
    const changed = await directory.findAgentRuntime('agent-1');
    expect(changed?.accountId).toBe('account-2');
    expect(changed?.publicKey).toBe(first?.publicKey);
    expect(server.log).toEqual([runtimePath, `${runtimePath} 304`, runtimePath]);
  });

  it('reads another key as another key', async () => {
    const { directory, server, advance } = await scene();
    await directory.findAgentRuntime('agent-1');
    const { ssh } = generateAgentKey().publicKey;
    server.runtime = { ...wireRuntime, agent_public_key: ssh };
    advance(5);
    expect((await directory.findAgentRuntime('agent-1'))?.publicKey.ssh).toBe(ssh);
  });

  it('keeps "there is none" for 1 s, and asks anew', async () => {
    const { directory, server, advance } = await scene();
    server.runtime = undefined;
    expect(await directory.findAgentRuntime('agent-1')).toBeUndefined();
    advance(0.999);
    expect(directory.findAgentRuntime('agent-1')).toBeUndefined();
    expect(server.requests).toHaveLength(1);
    server.runtime = wireRuntime;
    advance(0.001);
    expect(await directory.findAgentRuntime('agent-1')).toBeDefined();
    expect(directory.findAgentRuntime('agent-1')).toMatchObject({ status: 'active' });
  });

  it('forgets what there was when there is none any more', async () => {
    const { directory, server, advance } = await scene({ staleIfErrorSeconds: 60 });
    await directory.findAgentTask('agent-1', 'task-1');
    server.task = undefined;
    advance(5);
    expect(await directory.findAgentTask('agent-1', 'task-1')).toBeUndefined();
    expect(directory.findAgentTask('agent-1', 'task-1')).toBeUndefined();
    outage(server);
    advance(1);
    await failureOf(directory.findAgentTask('agent-1', 'task-1'));
  });

  it('asks by the same ETag again after a 304 without one', async () => {
    const { directory, server, advance } = await scene();
    server.instead = (request, response) => {
      if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else response.setHeader('etag', '"1"').end(JSON.stringify(wireRuntime));
    };
    for (let i = 0; i < 3; i += 1) {
      expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ status: 'active' });
      advance(5);
    }
    expect(server.log).toEqual([runtimePath, `${runtimePath} 304`, `${runtimePath} 304`]);
  });

  it('remembers as many as allowed, and made-up ids push out none that exist', async () => {
    const { directory, server } = await scene({ maxCachedEntries: 2 });
    await directory.findAgentRuntime('agent-1');
    for (let i = 0; i < 20; i += 1) await directory.findAgentRuntime(`made-up-${i}`);
    await directory.findAgentRuntime('agent-1');
    expect(server.log.filter((path) => path === runtimePath)).toHaveLength(1);
    for (const id of ['agent-2', 'agent-3']) {
      server.runtime = { ...wireRuntime, agent_runtime_id: id };
      await directory.findAgentRuntime(id);
    }
    server.runtime = wireRuntime;
    await directory.findAgentRuntime('agent-1');
    expect(server.log.filter((path) => path === runtimePath)).toHaveLength(2);
  });

  it('is not prolonged by a clock that is set back', async () => {
    const { directory, server, advance } = await scene();
    await directory.findAgentRuntime('agent-1');
    advance(-60);
    await directory.findAgentRuntime('agent-1');
    expect(server.requests).toHaveLength(2);
  });
});

describe('a revocation', () => {
  const context = { accountId: 'account-1' };

  it.each([
    ['runtime', { runtime: { ...wireRuntime, status: 'revoked' } }, 'agent_runtime_revoked'],
    ['runtime, deleted', { runtime: { ...wireRuntime, status: 'deleted' } }, 'agent_runtime_deleted'],
    ['task', { task: { ...wireTask, status: 'revoked' } }, 'invalid_task_id'],
  ] as const)('of a %s is seen by each verification that begins 5 s later', async (_what, change, code) => {
    const { directory, server, clock, advance } = await scene();
    server.headers = { 'cache-control': 'max-age=3600' };
    const verifier = createAssertionVerifier({ directory }, { clock });
    await verifier.verify(headerOf(agent), context);
    Object.assign(server, change);
    advance(4.999);
    await verifier.verify(headerOf(agent), context);
    advance(0.001);
    await expect(verifier.verify(headerOf(agent), context)).rejects.toMatchObject({ code });
  });

  it('of which an outage keeps the news away is not run past: what was known is no longer relied on', async () => {
    const { directory, server, clock, advance } = await scene();
    const verifier = createAssertionVerifier({ directory }, { clock });
    await verifier.verify(headerOf(agent), context);
    server.runtime = { ...wireRuntime, status: 'revoked' };
    outage(server);
    advance(4.999);
    await verifier.verify(headerOf(agent), context);
    advance(0.001);
    const error = await verifier.verify(headerOf(agent), context).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'directory_unavailable', retryable: true });
    expect(verificationFailureResponse(error).status).toBe(503);
    server.instead = undefined;
    advance(1);
    await expect(verifier.verify(headerOf(agent), context)).rejects.toMatchObject({
      code: 'agent_runtime_revoked',
    });
  });
});

describe('an outage', () => {
  it.each([500, 502, 503, 504, 429])('(%i) may pass, and is asked about again after 1 s', async (status) => {
    const { directory, server, advance, failures } = await scene();
    outage(server, status);
    expect((await failureOf(directory.findAgentRuntime('agent-1'))).retryable).toBe(true);
    for (let i = 0; i < 5; i += 1) await failureOf(directory.findAgentRuntime('agent-1'));
    expect(server.requests).toHaveLength(1);
    expect(failures).toHaveLength(1);
    server.instead = undefined;
    advance(1);
    expect(await directory.findAgentRuntime('agent-1')).toBeDefined();
  });

  it('holds up nobody who asks for another', async () => {
    const { directory, server } = await scene();
    outage(server);
    await failureOf(directory.findAgentRuntime('agent-2'));
    server.instead = undefined;
    expect(await directory.findAgentRuntime('agent-1')).toBeDefined();
  });

  it('serves the last answer on for as long as allowed, and no longer', async () => {
    const { directory, server, advance, failures } = await scene({ staleIfErrorSeconds: 60 });
    const first = await directory.findAgentRuntime('agent-1');
    outage(server);
    advance(5);
    expect(await directory.findAgentRuntime('agent-1')).toBe(first);
    expect(failures).toHaveLength(1);
    advance(59.999);
    expect(await directory.findAgentRuntime('agent-1')).toBe(first);
    advance(0.001);
    await failureOf(directory.findAgentRuntime('agent-1'));
  });

  it('serves no "there is none" on', async () => {
    const { directory, server, advance } = await scene({ staleIfErrorSeconds: 60 });
    await directory.findAgentRuntime('agent-2');
    outage(server);
    advance(1);
    await failureOf(directory.findAgentRuntime('agent-2'));
  });

  it('ends as soon as an answer comes', async () => {
    const { directory, server, advance } = await scene({ staleIfErrorSeconds: 60 });
    await directory.findAgentRuntime('agent-1');
    outage(server);
    advance(5);
    await directory.findAgentRuntime('agent-1');
    server.runtime = { ...wireRuntime, status: 'revoked' };
    server.instead = undefined;
    advance(1);
    expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ status: 'revoked' });
  });

  it('may be a connection that cannot be made', async () => {
    const baseUrl = await closedOrigin();
    const directory = remoteDirectory({ baseUrl, accessToken: directoryToken });
    const failure = await failureOf(directory.findAgentRuntime('agent-1'));
    expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('ECONNREFUSED') });
  });

  it.each([
    ['no answer', () => {}],
    ['no end of it', (_request: unknown, response: { write(text: string): unknown }) => response.write('{')],
  ])('may be %s within the time limit', async (_what, instead) => {
    const { directory, server } = await scene({ timeoutSeconds: 0.05 });
    server.instead = instead;
    const failure = await failureOf(directory.findAgentRuntime('agent-1'));
    expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('0.05 s') });
  });

  it('may be a fetch or a token that hangs', async () => {
    const hang = () => new Promise<never>(() => {});
    for (const [options, effects] of [
      [{}, { fetch: hang }],
      [{ accessToken: hang }, {}],
    ] as const) {
      const { directory } = await scene({ timeoutSeconds: 0.05, ...options }, effects);
      expect((await failureOf(directory.findAgentRuntime('agent-1'))).retryable).toBe(true);
    }
  });

  it('keeps what an injected fetch or token function throws to itself: it may hold the token', async () => {
    const fetch = async () => {
      throw Object.assign(new Error(`request with ${directoryToken} failed`), { config: { directoryToken } });
    };
    const accessToken = () => {
      throw new Error(`cannot refresh ${directoryToken}`);
    };
    await failureOf((await scene({}, { fetch })).directory.findAgentRuntime('agent-1'));
    await failureOf((await scene({ accessToken })).directory.findAgentRuntime('agent-1'));
  });
});

describe('what is no answer', () => {
  const json = (body: unknown, status = 200): DirectoryServer['instead'] => {
    return (_request, response) => response.writeHead(status).end(JSON.stringify(body));
  };

  it.each([
    ['a 404 of something else', json({ error: { message: 'Not Found' } }, 404)],
    ['a 404 about a task', json(errorBody('task_not_found'), 404)],
    [
      'a 404 without JSON',
      (_q: unknown, response: { writeHead(s: number): { end(t: string): unknown } }) =>
        response.writeHead(404).end('<h1>'),
    ],
    ['401: another token is needed', json(errorBody('invalid_access_token'), 401)],
    ['403', json({}, 403)],
    ['204', json({}, 204)],
    ['304 that nobody asked for', json({}, 304)],
    [
      'a redirect',
      (_q: unknown, response: { writeHead(s: number, h: object): { end(): unknown } }) =>
        response.writeHead(302, { location: '/' }).end(),
    ],
    ['no JSON', (_q: unknown, response: { end(t: string): unknown }) => response.end('<html>')],
    ['another form', json({ ...wireRuntime, status: 'fine' })],
    ['another runtime', json({ ...wireRuntime, agent_runtime_id: 'agent-2' })],
    ['a key that is none', json({ ...wireRuntime, agent_public_key: 'ssh-ed25519 AAAA' })],
    ['a body over 16 KiB', json({ ...wireRuntime, padding: 'x'.repeat(17_000) })],
    [
      'a body over 16 KiB with a 404',
      json({ ...errorBody('agent_runtime_not_found'), padding: 'x'.repeat(17_000) }, 404),
    ],
  ])('%s: will not pass by waiting, and nothing serves on instead', async (_what, instead) => {
    const { directory, server, advance, failures } = await scene({ staleIfErrorSeconds: 60 });
    server.instead = instead as DirectoryServer['instead'];
    const first = await failureOf(directory.findAgentRuntime('agent-1'));
    expect(first.retryable).toBe(false);
    expect(failures).toEqual([first]);
    server.instead = undefined;
    server.headers = { etag: '' };
    advance(1);
    expect(await directory.findAgentRuntime('agent-1')).toBeDefined();
    server.instead = instead as DirectoryServer['instead'];
    advance(5);
    await failureOf(directory.findAgentRuntime('agent-1'));
  });

  it('a redirect: it is not followed, and the token goes nowhere else', async () => {
    const elsewhere = await scene();
    const { directory, server } = await scene();
    server.instead = (request, response) =>
      response.writeHead(307, { location: `${elsewhere.server.origin}${request.url}` }).end();
    await failureOf(directory.findAgentRuntime('agent-1'));
    expect(elsewhere.server.requests).toHaveLength(0);
  });

  it('an answer of a fetch that followed a redirect unasked', async () => {
    const { directory, server } = await scene({}, { fetch: (url) => fetch(url, { redirect: 'follow' }) });
    server.instead = (request, response) =>
      request.url === '/there'
        ? response.end(JSON.stringify(wireRuntime))
        : response.writeHead(302, { location: '/there' }).end();
    await failureOf(directory.findAgentRuntime('agent-1'));
  });

  it('a token that is none, which is not sent', async () => {
    const { directory, server } = await scene({ accessToken: () => 'two words\r\n' });
    await failureOf(directory.findAgentRuntime('agent-1'));
    expect(server.requests).toHaveLength(0);
  });
});

it('goes on when whoever is told of failures throws', async () => {
  const onFailure = () => {
    throw new Error('the log is full');
  };
  const { directory, server, advance } = await scene({ staleIfErrorSeconds: 60 }, { onFailure });
  const first = await directory.findAgentRuntime('agent-1');
  outage(server);
  advance(5);
  expect(await directory.findAgentRuntime('agent-1')).toBe(first);
});

it('goes without TLS to loopback and named hosts only', () => {
  const at = (baseUrl: string, allowPlainHttpHosts?: string[]) =>
    remoteDirectory({
      baseUrl,
      accessToken: directoryToken,
      ...(allowPlainHttpHosts && { allowPlainHttpHosts }),
    });
  expect(() => at('http://id.internal')).toThrow(expect.objectContaining({ code: 'insecure_url' }));
  expect(() => at('https://user:pw@id.example')).toThrow(expect.objectContaining({ code: 'insecure_url' }));
  expect(at('http://id.internal', ['id.internal'])).toBeDefined();
  expect(at('https://id.example')).toBeDefined();
});

it.each([
  ['baseUrl', { baseUrl: 'https://id.example/?tenant=1' }],
  ['accessToken', { accessToken: '' }],
  ['accessToken', { accessToken: `${directoryToken}\n` }],
  ['accessToken', { accessToken: undefined }],
  ['maxCacheSeconds', { maxCacheSeconds: -1 }],
  ['maxNegativeCacheSeconds', { maxNegativeCacheSeconds: Number.NaN }],
  ['staleIfErrorSeconds', { staleIfErrorSeconds: Number.POSITIVE_INFINITY }],
  ['maxCachedEntries', { maxCachedEntries: 0 }],
  ['timeoutSeconds', { timeoutSeconds: 0 }],
  ['timeoutSeconds', { timeoutSeconds: '3' }],
])('refuses an unusable %s when it is made: %j', (name, wrong) => {
  const options = { baseUrl: 'https://id.example', accessToken: 'token', ...wrong };
  let error: unknown;
  try {
    remoteDirectory(options as RemoteDirectoryOptions);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining(name) });
  expect(inspect(error)).not.toContain(directoryToken);
});
