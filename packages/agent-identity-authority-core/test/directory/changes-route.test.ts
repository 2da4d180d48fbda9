import { memoryStore } from 'agent-identity-authority-core';
import { deferred } from 'test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { accessToken, bearer, now, verifierToken } from '../support/start-authority.js';
import { type RegisteredAgent, startWithAgent } from '../support/start-with-agent.js';

const changesPath = '/v1/directory/changes';

/** An authority whose time passes: it tells its position each second. */
const start = () => startWithAgent({}, { monotonicClock: () => performance.now() });

/** Follows the stream once all earlier changes are in the log, and returns its events one by one. */
async function follow({ url, authority }: Pick<RegisteredAgent, 'url' | 'authority'>, after?: number) {
  await authority.sequenceAuditEntries();
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const query = after === undefined ? '' : `?after=${after}`;
  const response = await fetch(`${url}${changesPath}${query}`, {
    headers: bearer(verifierToken),
    signal: stop.signal,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const events = readEvents(response);
  return {
    /** The next event, or `end`. */
    next: async () => (await events.next()).value ?? 'end',
    /** The next event of this kind. */
    async nextOf(kind: string): Promise<{ readonly after: number }> {
      for (;;) {
        const { done, value } = await events.next();
        if (done) throw new Error('the stream has ended');
        if (value[0] === kind) return value[1];
      }
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
async function* readEvents(response: Response): AsyncGenerator<[string, any], undefined> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      yield [event, JSON.parse(data)];
    }
  }
  return undefined;
}

describe('the stream of changes for verifiers', () => {
  it('begins with a reset, tells positions, and each change that matters to verifiers', async () => {
    const agent = await start();
    const { agentRuntimeId, taskId, authority } = agent;
    const stream = await follow(agent);
    expect(await stream.next()).toEqual(['reset', { after: expect.any(Number) }]);
    const { after } = await stream.nextOf('position');
    await authority.revokeAgentTask({ agentRuntimeId, taskId });
    expect(await stream.nextOf('change')).toEqual({
      kind: 'agent_task',
      agent_runtime_id: agentRuntimeId,
      task_id: taskId,
    });
    await authority.revokeAgentRuntime(agentRuntimeId);
    expect(await stream.nextOf('change')).toEqual({
      kind: 'agent_runtime',
      agent_runtime_id: agentRuntimeId,
    });
    expect((await stream.nextOf('position')).after).toBe(after + 2);
  });

  it('says nothing about changes that do not matter to verifiers', async () => {
    const agent = await start();
    const stream = await follow(agent);
    const { after } = await stream.nextOf('position');
    await agent.store.appendAuditEntry({ at: now, actor: 'operator:alice', action: 'custom_noted' });
    expect(await stream.next()).toEqual(['position', { after: after + 1 }]);
  });

  it('continues where an earlier stream ended', async () => {
    const agent = await start();
    const { after } = await (await follow(agent)).nextOf('position');
    await agent.authority.revokeAgentRuntime(agent.agentRuntimeId);
    const stream = await follow(agent, after);
    expect(await stream.next()).toEqual([
      'change',
      { kind: 'agent_runtime', agent_runtime_id: agent.agentRuntimeId },
    ]);
    expect(await stream.next()).toEqual(['position', { after: after + 1 }]);
  });

  it('starts anew after a position that the log does not have, or no longer has', async () => {
    const agent = await start();
    await agent.authority.sequenceAuditEntries();
    const size = (await agent.store.auditCheckpoint())?.size ?? 0;
    expect(await (await follow(agent, size + 1)).next()).toEqual(['reset', { after: size }]);
    await agent.store.pruneAuditEntries(size, 0);
    expect(await (await follow(agent, 0)).nextOf('reset')).toEqual({ after: expect.any(Number) });
  });

  it('tells no position while a change waits too long for its place in the log', async () => {
    let isStuck = false;
    const store = memoryStore();
    let ticks = 0;
    const agent = await startWithAgent(
      {
        store: {
          ...store,
          sequenceAuditEntries: async (sign) =>
            isStuck ? { count: 0, areMoreWaiting: false } : store.sequenceAuditEntries(sign),
        },
      },
      // Each look at the clock takes 400 ms: the feed waits no longer than the test.
      { monotonicClock: () => (ticks += 400) },
    );
    const stream = await follow(agent);
    await stream.nextOf('position');
    isStuck = true;
    await agent.authority.revokeAgentRuntime(agent.agentRuntimeId);
    const revoked = { kind: 'agent_runtime', agent_runtime_id: agent.agentRuntimeId };
    let positions = 0;
    const told = (async () => {
      for (;;) {
        const event = await stream.next();
        if (event === 'end' || event[0] === 'change') return event;
        positions += 1;
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(positions).toBeLessThan(5);
    isStuck = false;
    expect(await told).toEqual(['change', revoked]);
  });

  it('tells a change to the others when a verifier leaves while the log is read', async () => {
    const store = memoryStore();
    let reading = deferred();
    let mayRead = deferred();
    mayRead.resolve();
    const agent = await startWithAgent({
      store: {
        ...store,
        async auditLogPosition() {
          reading.resolve();
          await mayRead.promise;
          return store.auditLogPosition();
        },
      },
    });
    const { authority, agentRuntimeId } = agent;
    const request = new Request(`${agent.url}${changesPath}`, { headers: bearer(verifierToken) });
    const leaving = (await authority.fetch(request.clone())).body?.getReader();
    await leaving?.read();
    const stream = await follow(agent);
    await stream.nextOf('position');
    [reading, mayRead] = [deferred(), deferred()];
    await reading.promise;
    await authority.revokeAgentRuntime(agentRuntimeId);
    await authority.sequenceAuditEntries();
    await leaving?.cancel();
    mayRead.resolve();
    expect(await stream.nextOf('change')).toEqual({
      kind: 'agent_runtime',
      agent_runtime_id: agentRuntimeId,
    });
  });

  it('gives up a verifier that does not read, and tells the others every change', async () => {
    const agent = await startWithAgent();
    const request = new Request(`${agent.url}${changesPath}`, { headers: bearer(verifierToken) });
    const silent = (await agent.authority.fetch(request)).body;
    const stream = await follow(agent);
    await stream.nextOf('position');
    const taskIds = Array.from({ length: 2500 }, (_, i) => `task-${i}`);
    for (const taskId of taskIds) {
      const entry = { at: now, actor: 'operator:alice', action: 'agent_task_revoked', taskId } as const;
      await agent.store.appendAuditEntry({ ...entry, agentRuntimeId: 'agent-1' });
    }
    for (const taskId of taskIds) expect(await stream.nextOf('change')).toMatchObject({ task_id: taskId });
    const events = await new Response(silent).text();
    expect(events.split('\n\n').length).toBeLessThan(2500);
  });

  it('ends when the authority is closed', async () => {
    const agent = await start();
    const stream = await follow(agent);
    await stream.nextOf('position');
    await agent.authority.close();
    expect(await stream.next()).toBe('end');
  });

  it('is for verifiers only, and refuses what is not a position', async () => {
    const { get } = await start();
    expect(await get(changesPath)).toMatchObject({ status: 401 });
    expect(await get(changesPath, { headers: bearer(accessToken) })).toMatchObject({ status: 401 });
    for (const query of ['after=-1', 'after=x', 'after=1e3', 'from=1']) {
      const answer = await get(`${changesPath}?${query}`, { headers: bearer(verifierToken) });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    }
  });
});

describe('directory entries for a verifier that follows', () => {
  const following = { 'directory-follow': '1' };

  it('say how long they change only with an event', async () => {
    const { lookUp, agentRuntimeId, taskId } = await startWithAgent({ taskIdleTtlSeconds: 3600 });
    const path = `/v1/directory/agents/${agentRuntimeId}`;
    const runtime = await lookUp(path, following);
    expect(runtime.headers.get('directory-follow-seconds')).toBe('3600');
    // The task must be looked up now and then: that is how the authority knows that it is in use.
    const task = await lookUp(`${path}/tasks/${taskId}`, following);
    expect(task.headers.get('directory-follow-seconds')).toBe('600');
    expect((await lookUp(path)).headers.get('directory-follow-seconds')).toBeNull();
  });

  it('do not come from a cache of rows', async () => {
    const { lookUp, agentRuntimeId, store } = await startWithAgent({
      lookupCacheSeconds: 5,
      store: { ...memoryStore(), subscribe: () => () => {} },
    });
    const path = `/v1/directory/agents/${agentRuntimeId}`;
    await lookUp(path);
    await store.revokeAgentRuntime(agentRuntimeId, 0);
    expect(await lookUp(path)).toMatchObject({ body: { status: 'active' } });
    expect(await lookUp(path, following)).toMatchObject({ body: { status: 'revoked' } });
  });
});
