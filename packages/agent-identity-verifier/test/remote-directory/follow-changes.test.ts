import type { ServerResponse } from 'node:http';
import { type RemoteDirectory, remoteDirectory } from 'agent-identity-verifier/remote-directory';
import { deferred } from 'test-support';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type DirectoryServer, directoryServer, directoryToken } from '../support/directory-server.js';
import { knownAgent } from '../support/known-agent.js';

const runtime = {
  agent_runtime_id: 'agent-1',
  agent_public_key: knownAgent().agentKey.publicKey.ssh,
  account_id: 'account-1',
  status: 'active',
} as const;
const event = (kind: string, data: unknown) => `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
const position = event('position', { after: 7 });
const begin = event('reset', { after: 7 }) + position;
const changed = event('change', { kind: 'agent_runtime', agent_runtime_id: 'agent-1' });

let server: DirectoryServer;
/** The streams that were opened, and their queries. */
let streams: { readonly response: ServerResponse; readonly query: string }[];
let failures: string[];
let directory: RemoteDirectory;

/** An authority whose stream the test writes, and a directory that follows it. */
beforeEach(async () => {
  [streams, failures] = [[], []];
  server = await directoryServer({ runtime, task: undefined });
  server.headers = { 'cache-control': 'max-age=0', 'directory-follow-seconds': '3600' };
  server.stream = (request, response) => {
    streams.push({ response, query: new URL(`${request.url}`, server.origin).search });
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(begin);
  };
  directory = remoteDirectory(
    {
      baseUrl: server.origin,
      accessToken: directoryToken,
      follow: true,
      onFailure: ({ message }) => failures.push(message),
    },
    { random: () => 0 },
  );
  onTestFinished(() => {
    directory.close();
    for (const { response } of streams) response.destroy();
  });
});

const find = () => directory.findAgentRuntime('agent-1');

async function isFollowed(): Promise<boolean> {
  const before = server.requests.length;
  await find();
  return server.requests.length === before;
}

const untilFollowed = () => vi.waitFor(async () => expect(await isFollowed()).toBe(true), 10_000);
const write = (text: string) => streams.at(-1)?.response.write(text);

describe('a remote directory that follows the stream of changes', () => {
  it('asks once, says that it follows, and asks again after a change', async () => {
    await untilFollowed();
    expect(server.requests[0]?.headers['directory-follow']).toBe('1');
    write(changed + position);
    await vi.waitFor(async () => expect(await isFollowed()).toBe(false), 10_000);
    expect(await isFollowed()).toBe(true);
    expect(failures).toEqual([]);
  });

  it('does not keep an answer that was under way when the entry changed', async () => {
    const asked = deferred();
    const answered = deferred();
    await untilFollowed();
    server.override = async (_request, response) => {
      asked.resolve();
      await answered.promise;
      const headers = { 'content-type': 'application/json', ...server.headers };
      response.writeHead(200, headers).end(JSON.stringify(runtime));
    };
    write(changed);
    const found = vi.waitFor(async () => {
      const finding = Promise.resolve(find());
      expect(await Promise.race([finding, asked.promise])).toBeUndefined();
      return finding;
    });
    await asked.promise;
    write(changed + event('position', { after: 8 }));
    // The directory has read the change when it continues after it.
    streams[0]?.response.end();
    await vi.waitFor(() => expect(streams[1]?.query).toBe('?after=8'), 10_000);
    answered.resolve();
    await found;
    server.override = undefined;
    expect(await isFollowed()).toBe(false);
    expect(await isFollowed()).toBe(true);
  });

  it('keeps nothing that the authority does not say it may keep', async () => {
    server.headers = { 'cache-control': 'max-age=0' };
    await find();
    await vi.waitFor(() => expect(streams).toHaveLength(1));
    for (let i = 0; i < 5; i += 1) expect(await isFollowed()).toBe(false);
    server.headers = { 'cache-control': 'max-age=0', 'directory-follow-seconds': '3600', age: '1' };
    for (let i = 0; i < 5; i += 1) expect(await isFollowed()).toBe(false);
  });

  it('drops everything at a change of a kind that it does not know, and at a reset', async () => {
    await untilFollowed();
    write(event('change', { kind: 'agent_key', agent_runtime_id: 'agent-2' }));
    await vi.waitFor(async () => expect(await isFollowed()).toBe(false), 10_000);
    write(position);
    await untilFollowed();
    write(begin);
    await vi.waitFor(async () => expect(await isFollowed()).toBe(false), 10_000);
    await untilFollowed();
  });

  it('connects again where the stream has ended', async () => {
    await untilFollowed();
    write(event('position', { after: 9 }));
    streams[0]?.response.end();
    await vi.waitFor(() => expect(streams).toHaveLength(2), 10_000);
    expect(streams.map(({ query }) => query)).toEqual(['', '?after=9']);
    expect(failures).toEqual([]);
  });

  it.each([
    ['no stream', 404, 'text/plain', 'unusable response: status 404; check the base URL'],
    ['an outage', 503, 'text/plain', 'status 503'],
    ['a refused token', 401, 'text/plain', 'the authority refused the access token with status 401'],
    ['another type', 200, 'text/html', 'unusable response: expected a stream of events'],
    ['a redirect', 302, 'text/plain', 'unusable response: status 302; check the base URL'],
  ])('asks as without following if the authority answers with %s', async (_what, status, type, message) => {
    server.stream = (_request, response) =>
      response.writeHead(status, { 'content-type': type, location: '/elsewhere' }).end('x');
    await find();
    await vi.waitFor(() => expect(failures[0]).toBe(`remote directory: ${message}`), 10_000);
    expect(await isFollowed()).toBe(false);
  });

  it('reports an event that it cannot read, and an event that is too long', async () => {
    for (const text of [event('position', { after: -1 }), `data: ${'x'.repeat(40_000)}`]) {
      failures.length = 0;
      const opened = streams.length;
      await find();
      await vi.waitFor(() => expect(streams.length).toBeGreaterThan(Math.max(opened - 1, 0)), 10_000);
      write(text);
      await vi.waitFor(() => expect(failures).toHaveLength(1), 10_000);
    }
  });
});
