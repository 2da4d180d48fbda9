import { generateAgentKey } from 'agent-identity-core';
import {
  createAssertionVerifier,
  type VerificationError,
  type VerificationErrorCode,
  verificationFailureResponse,
} from 'agent-identity-verifier';
import {
  type RemoteDirectory,
  type RemoteDirectoryOptions,
  remoteDirectory,
} from 'agent-identity-verifier/remote-directory';
import nodeFetch3 from 'node-fetch';
import nodeFetch2 from 'node-fetch-2';
import { closedOrigin, type ManualClock, manualClock, printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { collectWarnings } from '../support/collect-warnings.js';
import {
  type DirectoryServer,
  directoryServer,
  directoryToken,
  errorBody,
} from '../support/directory-server.js';
import { headerOf, now } from '../support/known-agent.js';
import { jumpWallClock, wallClockJumps } from '../support/wall-clock.js';

const agentKey = generateAgentKey();
const agent = { agentKey, agentRuntimeId: 'agent-1', taskId: 'task-1' };
const wireRuntime = {
  agent_runtime_id: 'agent-1',
  agent_public_key: agentKey.publicKey.ssh,
  account_id: 'account-1',
  status: 'active',
} as const;
const wireTask = { agent_runtime_id: 'agent-1', task_id: 'task-1', status: 'live' } as const;
const wireInstance = {
  runtime_agent_instance_id: 'rai/1',
  agent_host_id: 'host-1',
  public_key: agentKey.publicKey.ssh,
  actor: { kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' },
  status: 'active',
} as const;
const instancePath = '/v1/directory/instances/rai%2F1';
const runtimePath = '/v1/directory/agents/agent-1';
const taskPath = `${runtimePath}/tasks/task-1`;

interface Scene extends ManualClock {
  readonly server: DirectoryServer;
  readonly directory: RemoteDirectory;
  readonly failures: VerificationError[];
}

/** An authority with one runtime and task, its remote directory, and the monotonic clock of the directory. */
async function scene(
  options: Partial<RemoteDirectoryOptions> = {},
  effects: Parameters<typeof remoteDirectory>[1] = {},
): Promise<Scene> {
  const server = await directoryServer({
    runtime: wireRuntime,
    task: wireTask,
    instance: wireInstance,
  });
  const time = manualClock(now);
  const failures: VerificationError[] = [];
  const directory = remoteDirectory(
    {
      baseUrl: server.origin,
      accessToken: directoryToken,
      onFailure: (failure) => failures.push(failure),
      ...options,
    },
    { monotonicClock: time.clock, ...effects },
  );
  return { server, directory, failures, ...time };
}

/** The error that the look-up rejects with. It has this code and does not contain the token. */
async function failureOf(
  entry: unknown,
  code: VerificationErrorCode = 'directory_unavailable',
): Promise<VerificationError> {
  const error = await thrownBy(() => Promise.resolve(entry));
  expect(error.code).toBe(code);
  expect(printedForms(error)).not.toContain(directoryToken);
  return error as VerificationError;
}

function outage(server: DirectoryServer, status = 503): void {
  server.override = (_request, response) => response.writeHead(status).end('down');
}

describe('a look-up', () => {
  it('finds the runtime and the task of the authority', async () => {
    const { directory } = await scene();
    const runtime = await directory.findAgentRuntime('agent-1');
    expect(runtime).toMatchObject({ agentRuntimeId: 'agent-1', accountId: 'account-1', status: 'active' });
    expect(runtime?.publicKey.ssh).toBe(agentKey.publicKey.ssh);
    expect(await directory.findAgentTask('agent-1', 'task-1')).toEqual({
      agentRuntimeId: 'agent-1',
      taskId: 'task-1',
      status: 'active',
    });
  });

  it('finds the capabilities of a runtime, and none at an authority that knows none', async () => {
    const { directory, server } = await scene();
    expect((await directory.findAgentRuntime('agent-1'))?.capabilities).toEqual([]);
    server.runtime = { ...wireRuntime, agent_runtime_id: 'agent-2', capabilities: ['repository:read'] };
    expect((await directory.findAgentRuntime('agent-2'))?.capabilities).toEqual(['repository:read']);
  });

  it('finds the runtime agent instance of the authority', async () => {
    const { directory, server } = await scene();
    const instance = await directory.findRuntimeAgentInstance('rai/1');
    expect(instance).toMatchObject({
      runtimeAgentInstanceId: 'rai/1',
      agentHostId: 'host-1',
      actor: { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' },
      status: 'active',
      expiresAt: undefined,
    });
    expect(instance?.publicKey.ssh).toBe(agentKey.publicKey.ssh);
    expect(await directory.findRuntimeAgentInstance('rai-2')).toBeUndefined();
    expect(await directory.findRuntimeAgentInstance('..')).toBeUndefined();
    expect(server.log).toEqual([instancePath, '/v1/directory/instances/rai-2 404']);
  });

  it('sends the bearer token, and tells caches to revalidate', async () => {
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

  it('sends User-Agent and originator, which can be set', async () => {
    const { directory, server } = await scene();
    const named = await scene({ userAgent: 'model-gateway/2.1 (test)', originator: 'model_gateway' });
    await directory.findAgentRuntime('agent-1');
    await named.directory.findAgentRuntime('agent-1');
    expect(server.requests[0]?.headers).toMatchObject({
      'user-agent': expect.stringMatching(/^agent-identity-ts\/\d/),
      originator: 'agent-identity-ts',
    });
    expect(named.server.requests[0]?.headers).toMatchObject({
      'user-agent': 'model-gateway/2.1 (test)',
      originator: 'model_gateway',
    });
  });

  it('calls accessToken() for each request', async () => {
    const tokens = ['token-1', directoryToken];
    const { directory, server, advance } = await scene({ accessToken: async () => tokens.shift() ?? '' });
    await failureOf(directory.findAgentRuntime('agent-1'), 'directory_unauthorized');
    advance(1);
    expect(await directory.findAgentRuntime('agent-1')).toBeDefined();
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      `Bearer ${directoryToken}`,
    ]);
  });

  it('requests paths below the base URL, with or without trailing slashes', async () => {
    const { server } = await scene();
    for (const base of ['/api/accounts', '/api/accounts//']) {
      const { directory } = await scene({ baseUrl: server.origin + base });
      await failureOf(directory.findAgentRuntime('agent-1'), 'invalid_directory_response');
    }
    expect(server.requests.map(({ url }) => url)).toEqual(Array(2).fill(`/api/accounts${runtimePath}`));
  });

  it('encodes an id as one path segment, and sends no request for an id that cannot be one', async () => {
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

  it('shares one request between concurrent callers', async () => {
    const { directory, server } = await scene();
    await Promise.all(Array.from({ length: 50 }, () => directory.findAgentRuntime('agent-1')));
    await Promise.all(Array.from({ length: 50 }, () => directory.findAgentTask('agent-1', 'task-1')));
    expect(server.log).toEqual([runtimePath, taskPath]);
  });
});

describe('a cached entry', () => {
  it('is returned synchronously for 5 s', async () => {
    const { directory, server, advance } = await scene();
    const first = await directory.findAgentRuntime('agent-1');
    advance(4.999);
    expect(directory.findAgentRuntime('agent-1')).toBe(first);
    expect(server.requests).toHaveLength(1);
    advance(0.001);
    await directory.findAgentRuntime('agent-1');
    expect(server.requests).toHaveLength(2);
  });

  it('of an instance is kept for 5 s and revalidated, and keeps its key object', async () => {
    const { directory, server, advance } = await scene();
    const first = await directory.findRuntimeAgentInstance('rai/1');
    advance(4.999);
    expect(directory.findRuntimeAgentInstance('rai/1')).toBe(first);
    advance(0.001);
    expect(await directory.findRuntimeAgentInstance('rai/1')).toBe(first);
    server.instance = { ...wireInstance, status: 'revoked', expires_at: '2026-04-23T00:00:00Z' };
    advance(5);
    const revoked = await directory.findRuntimeAgentInstance('rai/1');
    expect(revoked).toMatchObject({ status: 'revoked', expiresAt: now });
    expect(revoked?.publicKey).toBe(first?.publicKey);
    expect(server.log).toEqual([instancePath, `${instancePath} 304`, instancePath]);
  });

  it('ages from the start of its request, not from the response', async () => {
    const { directory, server, advance } = await scene();
    server.override = (_request, response) => {
      advance(4);
      response.end(JSON.stringify(wireRuntime));
    };
    await directory.findAgentRuntime('agent-1');
    advance(1);
    server.override = undefined;
    await directory.findAgentRuntime('agent-1');
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    ['max-age below the limit', { 'cache-control': 'private, max-age=2' }, 2],
    ['at most the limit', { 'cache-control': 'max-age=3600' }, 5],
    ['the shortest of several max-age', { 'cache-control': 'max-age=4, Max-Age="3"' }, 3],
    ['max-age minus Age', { 'cache-control': 'max-age=4', age: '3' }, 1],
    ['the limit minus Age', { 'cache-control': 'max-age=3600', age: '4' }, 1],
    ['the limit without max-age', {}, 5],
  ])('is used for %s', async (_what, headers, seconds) => {
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
    'does not exist after a response with %s',
    async (cacheControl) => {
      const { directory, server } = await scene();
      server.headers = { 'cache-control': cacheControl };
      for (let i = 0; i < 3; i += 1) await directory.findAgentRuntime('agent-1');
      expect(server.requests).toHaveLength(3);
    },
  );

  it('is never older than the limit: such a response of an HTTP cache is refused', async () => {
    const { directory, server } = await scene();
    server.headers = { 'cache-control': 'max-age=3600', age: '6' };
    await failureOf(directory.findAgentRuntime('agent-1'), 'invalid_directory_response');
  });

  it('is revalidated by its ETag, and keeps its key object', async () => {
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

  it('is replaced if the key has changed', async () => {
    const { directory, server, advance } = await scene();
    await directory.findAgentRuntime('agent-1');
    const { ssh } = generateAgentKey().publicKey;
    server.runtime = { ...wireRuntime, agent_public_key: ssh };
    advance(5);
    expect((await directory.findAgentRuntime('agent-1'))?.publicKey.ssh).toBe(ssh);
  });

  it('is used for 1 s if it says "not found"', async () => {
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

  it('is dropped when the entry is deleted at the authority', async () => {
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

  it('keeps its ETag after a 304 without one', async () => {
    const { directory, server, advance } = await scene();
    server.override = (request, response) => {
      if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else response.setHeader('etag', '"1"').end(JSON.stringify(wireRuntime));
    };
    for (let i = 0; i < 3; i += 1) {
      expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ status: 'active' });
      advance(5);
    }
    expect(server.log).toEqual([runtimePath, `${runtimePath} 304`, `${runtimePath} 304`]);
  });

  it('is evicted by other entries beyond maxCachedEntries, and never by made-up ids', async () => {
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
});

describe('a revocation', () => {
  const context = { accountId: 'account-1' };

  it.each([
    ['runtime', { runtime: { ...wireRuntime, status: 'revoked' } }, 'agent_runtime_revoked'],
    ['runtime, deleted', { runtime: { ...wireRuntime, status: 'deleted' } }, 'agent_runtime_deleted'],
    ['task', { task: { ...wireTask, status: 'revoked' } }, 'invalid_task_id'],
  ] as const)(
    'of a %s takes effect for every verification that begins 5 s later',
    async (_what, change, code) => {
      const { directory, server, advance } = await scene();
      server.headers = { 'cache-control': 'max-age=3600' };
      const verifier = createAssertionVerifier({ directory }, { clock: () => now });
      await verifier.verify(headerOf(agent), context);
      Object.assign(server, change);
      advance(4.999);
      await verifier.verify(headerOf(agent), context);
      advance(0.001);
      await expect(verifier.verify(headerOf(agent), context)).rejects.toMatchObject({ code });
    },
  );

  it('takes effect as a 503 if an outage hides it', async () => {
    const { directory, server, advance } = await scene();
    const verifier = createAssertionVerifier({ directory }, { clock: () => now });
    await verifier.verify(headerOf(agent), context);
    server.runtime = { ...wireRuntime, status: 'revoked' };
    outage(server);
    advance(4.999);
    await verifier.verify(headerOf(agent), context);
    advance(0.001);
    const error = await verifier.verify(headerOf(agent), context).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'directory_unavailable', retryable: true });
    expect(verificationFailureResponse(error).status).toBe(503);
    server.override = undefined;
    advance(1);
    await expect(verifier.verify(headerOf(agent), context)).rejects.toMatchObject({
      code: 'agent_runtime_revoked',
    });
  });
});

describe('an outage', () => {
  it.each([500, 502, 503, 504, 429])(
    'with status %i is retryable, and the authority is asked again after 1 s',
    async (status) => {
      const { directory, server, advance, failures } = await scene();
      outage(server, status);
      expect((await failureOf(directory.findAgentRuntime('agent-1'))).retryable).toBe(true);
      for (let i = 0; i < 5; i += 1) await failureOf(directory.findAgentRuntime('agent-1'));
      expect(server.requests).toHaveLength(1);
      expect(failures).toHaveLength(1);
      server.override = undefined;
      advance(1);
      expect(await directory.findAgentRuntime('agent-1')).toBeDefined();
    },
  );

  it('of one entry does not affect another', async () => {
    const { directory, server } = await scene();
    outage(server);
    await failureOf(directory.findAgentRuntime('agent-2'));
    server.override = undefined;
    expect(await directory.findAgentRuntime('agent-1')).toBeDefined();
  });

  it('leaves a cached entry in use for staleIfErrorSeconds', async () => {
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

  it('leaves no "not found" in use', async () => {
    const { directory, server, advance } = await scene({ staleIfErrorSeconds: 60 });
    await directory.findAgentRuntime('agent-2');
    outage(server);
    advance(1);
    await failureOf(directory.findAgentRuntime('agent-2'));
  });

  it('ends with the next response', async () => {
    const { directory, server, advance } = await scene({ staleIfErrorSeconds: 60 });
    await directory.findAgentRuntime('agent-1');
    outage(server);
    advance(5);
    await directory.findAgentRuntime('agent-1');
    server.runtime = { ...wireRuntime, status: 'revoked' };
    server.override = undefined;
    advance(1);
    expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ status: 'revoked' });
  });

  it('can be a refused connection', async () => {
    const baseUrl = await closedOrigin();
    const { directory } = await scene({ baseUrl });
    const failure = await failureOf(directory.findAgentRuntime('agent-1'));
    expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('ECONNREFUSED') });
  });

  it.each([
    ['a response that does not begin', () => {}],
    [
      'a response that does not end',
      (_request: unknown, response: { write(text: string): unknown }) => response.write('{'),
    ],
  ])('can be %s within the time limit', async (_what, override) => {
    const { directory, server } = await scene({ timeoutSeconds: 0.05 });
    server.override = override;
    const failure = await failureOf(directory.findAgentRuntime('agent-1'));
    expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('0.05 s') });
  });

  it('can be a fetch or accessToken() that hangs', async () => {
    const hang = () => new Promise<never>(() => {});
    for (const [options, effects] of [
      [{}, { fetch: hang }],
      [{ accessToken: hang }, {}],
    ] as const) {
      const { directory } = await scene({ timeoutSeconds: 0.05, ...options }, effects);
      expect((await failureOf(directory.findAgentRuntime('agent-1'))).retryable).toBe(true);
    }
  });

  it('contains nothing of the error of fetch or accessToken(), which may contain the token', async () => {
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

describe('a refused access token', () => {
  it.each([401, 403])(
    'with status %i is not retryable, and no cached entry is used instead',
    async (status) => {
      const { directory, server, advance, failures } = await scene({ staleIfErrorSeconds: 60 });
      await directory.findAgentRuntime('agent-1');
      outage(server, status);
      advance(5);
      const failure = await failureOf(directory.findAgentRuntime('agent-1'), 'directory_unauthorized');
      expect(failure.retryable).toBe(false);
      expect(failure.message).toContain(`status ${status}`);
      expect(failures).toEqual([failure]);
    },
  );

  it('is not sent at all if it is not a bearer token', async () => {
    const { directory, server } = await scene({ accessToken: () => 'two words\r\n' });
    await failureOf(directory.findAgentRuntime('agent-1'), 'directory_unauthorized');
    expect(server.requests).toHaveLength(0);
  });
});

describe('an unusable response', () => {
  const json = (body: unknown, status = 200): DirectoryServer['override'] => {
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
    ['a 204', json({}, 204)],
    ['a 403 of a country filter', json(errorBody('unsupported_country_region_territory'), 403)],
    [
      'a 403 with a challenge page',
      (_q: unknown, response: { writeHead(s: number, h: object): { end(t: string): unknown } }) =>
        response.writeHead(403, { 'cf-mitigated': 'challenge' }).end('<html>'.padEnd(100_000)),
    ],
    ['a 304 without If-None-Match', json({}, 304)],
    [
      'a redirect',
      (_q: unknown, response: { writeHead(s: number, h: object): { end(): unknown } }) =>
        response.writeHead(302, { location: '/' }).end(),
    ],
    ['HTML', (_q: unknown, response: { end(t: string): unknown }) => response.end('<html>')],
    ['an unknown status', json({ ...wireRuntime, status: 'fine' })],
    ['another runtime', json({ ...wireRuntime, agent_runtime_id: 'agent-2' })],
    ['an unusable key', json({ ...wireRuntime, agent_public_key: 'ssh-ed25519 AAAA' })],
    ['a body over 16 KiB', json({ ...wireRuntime, padding: 'x'.repeat(17_000) })],
    [
      'a body over 16 KiB with a 404',
      json({ ...errorBody('agent_runtime_not_found'), padding: 'x'.repeat(17_000) }, 404),
    ],
  ])('is %s: it is not retryable, and no cached entry is used instead', async (_what, override) => {
    const { directory, server, advance, failures } = await scene({ staleIfErrorSeconds: 60 });
    server.override = override as DirectoryServer['override'];
    const first = await failureOf(directory.findAgentRuntime('agent-1'), 'invalid_directory_response');
    expect(first.retryable).toBe(false);
    expect(failures).toEqual([first]);
    server.override = undefined;
    server.headers = { etag: '' };
    advance(1);
    expect(await directory.findAgentRuntime('agent-1')).toBeDefined();
    server.override = override as DirectoryServer['override'];
    advance(5);
    await failureOf(directory.findAgentRuntime('agent-1'), 'invalid_directory_response');
  });

  it('is a redirect, which is not followed, so that the token goes nowhere else', async () => {
    const elsewhere = await scene();
    const { directory, server } = await scene();
    server.override = (request, response) =>
      response.writeHead(307, { location: `${elsewhere.server.origin}${request.url}` }).end();
    await failureOf(directory.findAgentRuntime('agent-1'), 'invalid_directory_response');
    expect(elsewhere.server.requests).toHaveLength(0);
  });

  it('is the response of a fetch that followed a redirect', async () => {
    const { directory, server } = await scene({}, { fetch: (url) => fetch(url, { redirect: 'follow' }) });
    server.override = (request, response) =>
      request.url === '/there'
        ? response.end(JSON.stringify(wireRuntime))
        : response.writeHead(302, { location: '/there' }).end();
    await failureOf(directory.findAgentRuntime('agent-1'), 'invalid_directory_response');
  });
});

it('an exception of onFailure is ignored', async () => {
  const onFailure = () => {
    throw new Error('the log is full');
  };
  const { directory, server, advance } = await scene({ staleIfErrorSeconds: 60, onFailure });
  const first = await directory.findAgentRuntime('agent-1');
  outage(server);
  advance(5);
  expect(await directory.findAgentRuntime('agent-1')).toBe(first);
});

it('remoteDirectory allows plain http only to loopback and to allowPlainHttpHosts', () => {
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

it.each(['https://id.example/?tenant=1', 'https://id.example/#agents'])(
  'remoteDirectory refuses the base URL %s with invalid_base_url',
  (baseUrl) => {
    const error = thrownBy(() => remoteDirectory({ baseUrl, accessToken: directoryToken }));
    expect(error.code).toBe('invalid_base_url');
  },
);

it.each([
  ['accessToken', { accessToken: '' }],
  ['accessToken', { accessToken: `${directoryToken}\n` }],
  ['accessToken', { accessToken: undefined }],
  ['maxCacheSeconds', { maxCacheSeconds: -1 }],
  ['maxNegativeCacheSeconds', { maxNegativeCacheSeconds: Number.NaN }],
  ['staleIfErrorSeconds', { staleIfErrorSeconds: Number.POSITIVE_INFINITY }],
  ['maxCachedEntries', { maxCachedEntries: 0 }],
  ['timeoutSeconds', { timeoutSeconds: 0 }],
  ['timeoutSeconds', { timeoutSeconds: '3' }],
  ['onFailure', { onFailure: 'log' }],
  ['userAgent', { userAgent: 'two\nlines' }],
  ['did you mean "maxCacheSeconds"', { maxCacheSecond: 1 }],
])('remoteDirectory refuses an invalid %s: %j', (name, wrong) => {
  const options = { baseUrl: 'https://id.example', accessToken: 'token', ...wrong };
  const error = thrownBy(() => remoteDirectory(options as RemoteDirectoryOptions));
  expect(error).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining(name) });
  expect(printedForms(error)).not.toContain(directoryToken);
});

describe.each(wallClockJumps)('the wall clock jumps %s, and', (_jump, seconds) => {
  it('an entry is neither older nor younger: a revocation takes effect after 5 s', async () => {
    const { directory, server, advance } = await scene();
    await directory.findAgentRuntime('agent-1');
    server.runtime = { ...wireRuntime, status: 'revoked' };
    jumpWallClock(seconds);
    advance(4.999);
    await directory.findAgentRuntime('agent-1');
    expect(server.requests).toHaveLength(1);
    advance(0.001);
    expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ status: 'revoked' });
  });

  it('a jump back to the right time does not bring the previous entry back', async () => {
    const { directory, server, advance } = await scene();
    jumpWallClock(seconds);
    await directory.findAgentRuntime('agent-1');
    server.runtime = { ...wireRuntime, status: 'revoked' };
    jumpWallClock(-seconds);
    advance(5);
    expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ status: 'revoked' });
    jumpWallClock(seconds);
    expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ status: 'revoked' });
  });

  it('"not found" is cached for 1 s', async () => {
    const { directory, server, advance } = await scene();
    await directory.findAgentRuntime('agent-2');
    jumpWallClock(seconds);
    advance(0.999);
    await directory.findAgentRuntime('agent-2');
    expect(server.requests).toHaveLength(1);
    advance(0.001);
    await directory.findAgentRuntime('agent-2');
    expect(server.requests).toHaveLength(2);
  });

  it('a stale entry is used for staleIfErrorSeconds, and no longer', async () => {
    const { directory, server, advance } = await scene({ staleIfErrorSeconds: 60 });
    const entry = await directory.findAgentRuntime('agent-1');
    outage(server);
    jumpWallClock(seconds);
    advance(64.999);
    expect(await directory.findAgentRuntime('agent-1')).toBe(entry);
    advance(0.001);
    await failureOf(directory.findAgentRuntime('agent-1'));
  });

  it('a failed request is repeated after 1 s', async () => {
    const { directory, server, advance } = await scene();
    outage(server);
    await failureOf(directory.findAgentRuntime('agent-1'));
    jumpWallClock(seconds);
    advance(0.999);
    await failureOf(directory.findAgentRuntime('agent-1'));
    expect(server.requests).toHaveLength(1);
    server.override = undefined;
    advance(0.001);
    expect(await directory.findAgentRuntime('agent-1')).toBeDefined();
  });

  it('the same warning comes once a minute', async () => {
    const { directory, server, advance } = await scene({ onFailure: undefined });
    outage(server);
    const fail = () => failureOf(directory.findAgentRuntime('agent-1'));
    expect(await collectWarnings(fail)).toHaveLength(1);
    jumpWallClock(seconds);
    advance(59.999);
    expect(await collectWarnings(fail)).toHaveLength(0);
    // A failed request is repeated after 1 s.
    advance(1);
    expect(await collectWarnings(fail)).toHaveLength(1);
  });
});

/** The members of a response that React Native has; there is no `body`. */
const fetchWithoutStreams: typeof fetch = async (url, init) => {
  const response = await fetch(url, init);
  const { status, headers, redirected } = response;
  return { status, headers, redirected, text: () => response.text() } as Response;
};

describe.each([
  ['node-fetch 2', nodeFetch2 as unknown as typeof fetch],
  ['node-fetch 3', nodeFetch3 as unknown as typeof fetch],
  ['a fetch without streams', fetchWithoutStreams],
])('with %s, the remote directory', (_name, foreignFetch) => {
  it('finds runtimes and tasks with one request each, and revalidates them', async () => {
    const { directory, server, advance, failures } = await scene({}, { fetch: foreignFetch });
    for (let i = 0; i < 2; i += 1) {
      expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ accountId: 'account-1' });
      expect(await directory.findAgentTask('agent-1', 'task-1')).toMatchObject({ status: 'active' });
      expect(await directory.findAgentRuntime('agent-2')).toBeUndefined();
    }
    advance(5);
    expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ accountId: 'account-1' });
    expect(server.log).toEqual([
      runtimePath,
      taskPath,
      '/v1/directory/agents/agent-2 404',
      `${runtimePath} 304`,
    ]);
    expect(failures).toEqual([]);
  });

  it('reports failures by their codes, after one request each', async () => {
    for (const [status, code] of [
      [503, 'directory_unavailable'],
      [401, 'directory_unauthorized'],
      [302, 'invalid_directory_response'],
      [403, 'directory_unauthorized'],
    ] as const) {
      const { directory, server } = await scene({}, { fetch: foreignFetch });
      server.override = (_request, response) =>
        response.writeHead(status, { location: '/elsewhere' }).end('x'.repeat(100_000));
      await failureOf(directory.findAgentRuntime('agent-1'), code);
      expect(server.requests).toHaveLength(1);
    }
  });

  it('refuses a body over 16 KiB', async () => {
    const { directory, server } = await scene({}, { fetch: foreignFetch });
    server.override = (_request, response) => response.end(' '.repeat(17_000));
    await failureOf(directory.findAgentRuntime('agent-1'), 'invalid_directory_response');
  });

  it('has a time limit', async () => {
    const { directory, server } = await scene({ timeoutSeconds: 0.05 }, { fetch: foreignFetch });
    server.override = (_request, response) => void response.write('{');
    expect((await failureOf(directory.findAgentRuntime('agent-1'))).message).toContain('0.05 s');
  });
});

describe('check()', () => {
  it('resolves with one request if the base URL and the token work', async () => {
    const { directory, server } = await scene();
    await directory.check();
    expect(server.log).toEqual(['/v1/directory/agents/directory-check 404']);
  });

  it.each([
    ['a wrong token', { accessToken: 'another-token' }, 'directory_unauthorized'],
    ['a wrong base URL', { path: '/api' }, 'invalid_directory_response'],
    ['an authority that is down', { baseUrl: 'closed' }, 'directory_unavailable'],
  ] as const)('rejects for %s, without a report', async (_what, wrong, code) => {
    const { server, failures } = await scene();
    const options: RemoteDirectoryOptions = {
      baseUrl: `${server.origin}${'path' in wrong ? wrong.path : ''}`,
      accessToken: directoryToken,
      onFailure: (failure) => failures.push(failure),
      ...('accessToken' in wrong && { accessToken: wrong.accessToken }),
      ...('baseUrl' in wrong && { baseUrl: await closedOrigin() }),
    };
    await failureOf(remoteDirectory(options).check(), code);
    expect(failures).toEqual([]);
  });
});

describe('without onFailure', () => {
  it('a wrong token is visible: as a process warning, and in the 503 of every request', async () => {
    const { directory } = await scene({ accessToken: 'another-token', onFailure: undefined });
    const verifier = createAssertionVerifier({ directory }, { clock: () => now });
    const bodies: unknown[] = [];
    const warnings = await collectWarnings(async () => {
      for (let i = 0; i < 3; i += 1) {
        const error = await thrownBy(() => verifier.verify(headerOf(agent), { accountId: 'account-1' }));
        expect(error.code).toBe('directory_unauthorized');
        bodies.push(verificationFailureResponse(error).body.error.code);
      }
    });
    expect(warnings).toEqual(['remote directory: the authority refused the access token with status 401']);
    expect(bodies).toEqual(Array(3).fill('directory_unauthorized'));
  });

  it('an outage is visible, also if stale entries hide it from clients', async () => {
    const { directory, server, advance } = await scene({ staleIfErrorSeconds: 60, onFailure: undefined });
    await directory.findAgentRuntime('agent-1');
    outage(server);
    advance(5);
    const warnings = await collectWarnings(() => directory.findAgentRuntime('agent-1'));
    expect(warnings).toEqual(['remote directory: status 503']);
  });
});

it('onFailure replaces the process warnings', async () => {
  const { directory, failures } = await scene({ accessToken: 'another-token' });
  const warnings = await collectWarnings(() =>
    failureOf(directory.findAgentRuntime('agent-1'), 'directory_unauthorized'),
  );
  expect([warnings.length, failures.length]).toEqual([0, 1]);
});

it('a connection that the authority closes while a request is on its way is tried once more', async () => {
  const { server, directory, failures } = await scene();
  server.override = (request) => {
    server.override = undefined;
    request.socket.destroy();
  };
  expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ agentRuntimeId: 'agent-1' });
  expect(failures).toEqual([]);
  expect(server.requests).toHaveLength(2);
  server.override = (request) => request.socket.destroy();
  await expect(directory.findAgentTask('agent-1', 'task-1')).rejects.toMatchObject({
    code: 'directory_unavailable',
    retryable: true,
  });
  expect(server.requests).toHaveLength(4);
});
