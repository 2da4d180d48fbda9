import { PassThrough, Readable, Stream } from 'node:stream';
import type { HttpEffects } from 'agent-identity-core/http';
import nodeFetch3 from 'node-fetch';
import nodeFetch2 from 'node-fetch-2';
import { createRunScope, loadAuth, providerFetch } from 'provider-auth';

import { describe, expect, it } from 'vitest';
import { deletedRuntime, firstParty, invalidTask, now, taskOf } from '../support/first-party.js';
import { startIssuer } from '../support/start-issuer.js';
import { stillEffects } from '../support/start-run.js';
import { withoutWaiting } from '../support/without-waiting.js';

type Fetch = typeof globalThis.fetch;

/** A `fetch` like that of React Native: its responses have no `body`, and redirects and streams are not its own. */
const reactNativeFetch: Fetch = async (input, init) => {
  const response = await globalThis.fetch(input, init);
  return withoutBody(response, await response.text());
};

function withoutBody({ status, headers, url, ok }: Response, text: string): Response {
  const response = {
    status,
    headers,
    url,
    ok,
    type: 'default',
    text: async () => text,
    json: async () => JSON.parse(text),
    clone: () => response,
  };
  return response as unknown as Response;
}

const fetches: readonly [title: string, fetch: Fetch][] = [
  ['node-fetch 2', nodeFetch2 as unknown as Fetch],
  ['node-fetch 3', nodeFetch3 as unknown as Fetch],
  ['a fetch without response bodies, like React Native’s', reactNativeFetch],
];

/** A stream without an async iterator. */
function openLegacyStream(): Stream {
  const stream = Object.assign(new Stream(), {
    readable: true,
    pipe<Target extends NodeJS.WritableStream>(target: Target): Target {
      setImmediate(() => {
        for (const chunk of ['one ', 'two']) stream.emit('data', Buffer.from(chunk));
        stream.emit('end');
      });
      return Stream.prototype.pipe.call(stream, target as never) as Target;
    },
  });
  return stream;
}

describe.each(fetches)('with %s', (_, fetch) => {
  const effects: HttpEffects = { ...stillEffects, fetch };

  async function running() {
    const world = await firstParty();
    const { server, issue } = await startIssuer();
    const scope = createRunScope({}, effects);
    const auth = await loadAuth({
      jwt: issue(world.record),
      jwtBaseUrl: server.origin,
      authapiBaseUrl: world.authapi.authapiBaseUrl,
      scope,
    });
    const { baseUrl } = world.provider;
    const authenticated = providerFetch(auth, { kind: 'first_party', baseUrl }, { fetch });
    return { world, scope, url: `${baseUrl}/responses`, fetch: authenticated };
  }

  it('a run starts with one registration', async () => {
    const { world, url, fetch: authenticated } = await running();
    const response = await authenticated(url, { method: 'POST', body: 'text' });
    expect([response.status, await response.json()]).toEqual([200, { said: 'text' }]);
    expect(world.authapi.requests).toHaveLength(1);
  });

  it('a task that is gone is replaced once, and the request retried once', async () => {
    const { world, url, fetch: authenticated } = await running();
    world.state.liveTasks.clear();
    const responses = await Promise.all(
      [1, 2, 3].map((i) => authenticated(url, { method: 'POST', body: `${i}` })),
    );
    expect(await Promise.all(responses.map((response) => response.json()))).toEqual([
      { said: '1' },
      { said: '2' },
      { said: '3' },
    ]);
    expect(world.authapi.requests).toHaveLength(2);
    expect(world.provider.requests.map(taskOf).sort()).toEqual([
      ...['task-1', 'task-1', 'task-1'],
      ...['task-2', 'task-2', 'task-2'],
    ]);
  });

  it('a refusal that is final keeps its body', async () => {
    const { world, url, fetch: authenticated } = await running();
    world.state.answerRequest = () => invalidTask;
    const response = await authenticated(url);
    expect([response.status, await response.json()]).toEqual([401, invalidTask.body]);
    expect(world.provider.requests).toHaveLength(2);
  });

  it('a large refusal keeps its body', async () => {
    const { world, url, fetch: authenticated } = await running();
    const body = JSON.stringify({ error: { code: 'task_expired', message: 'x'.repeat(200_000) } });
    world.state.answerRequest = () => ({ status: 401, body });
    // node-fetch gives no more of a copy than 32 KiB until the original is read, so reading the copy times out.
    const response = await withoutWaiting(() => authenticated(url));
    expect([response.status, await response.text()]).toEqual([401, body]);
    expect(world.authapi.requests).toHaveLength(1);
  });

  it('a deleted runtime ends the run', async () => {
    const { world, url, fetch: authenticated } = await running();
    world.state.isRuntimeDeleted = true;
    const response = await authenticated(url);
    expect([response.status, await response.json()]).toEqual([403, deletedRuntime.body]);
    await expect(authenticated(url)).rejects.toMatchObject({ code: 'agent_runtime_deleted' });
  });

  it('a clock that is off is corrected', async () => {
    const { world, url, scope, fetch: authenticated } = await running();
    world.state.serverNow = now + 3_600_000;
    expect((await authenticated(url)).status).toBe(200);
    expect(scope.clockOffsetSeconds).toBe(3600);
  });

  it('a redirect inside the provider is signed again', async () => {
    const { world, url, fetch: authenticated } = await running();
    world.state.answerRequest = ({ path, body }) =>
      path === '/v1/responses' ? { status: 307, headers: { location: '/v1/other' } } : { body };
    const response = await authenticated(url, { method: 'POST', body: 'text' });
    expect([await response.text(), response.redirected]).toEqual(['text', true]);
    expect(world.provider.requests.map(taskOf)).toEqual(['task-1', 'task-1']);
  });

  const streams: readonly (readonly [title: string, open: () => unknown])[] = [
    ['a Node stream', () => Readable.from([Buffer.from('one '), Buffer.from('two')]).pipe(new PassThrough())],
    // Such as the forms of the package form-data. The runtime's own fetch does not take them.
    ...(fetch === reactNativeFetch ? [] : [['a legacy Node stream', openLegacyStream] as const]),
  ];

  it.each(streams)('%s is sent once, as it is', async (_title, open) => {
    const { world, url, fetch: authenticated } = await running();
    const send = () => authenticated(url, { method: 'POST', body: open(), duplex: 'half' } as never);
    expect(await (await send()).json()).toEqual({ said: 'one two' });
    world.state.liveTasks.clear();
    expect((await send()).status).toBe(401);
    expect(await (await send()).json()).toEqual({ said: 'one two' });
    expect(world.authapi.requests).toHaveLength(2);
  });
});
