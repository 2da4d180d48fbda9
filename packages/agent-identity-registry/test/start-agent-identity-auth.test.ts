import { sealTaskId } from 'agent-identity-core';
import type { HttpEffects } from 'agent-identity-core/http';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { type StartAgentIdentityAuthOptions, startAgentIdentityAuth } from 'agent-identity-registry';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type AuthapiReply, authapiServer } from './support/authapi-server.js';
import { failureOf } from './support/failure-of.js';
import { agentKey, otherPkcs8, record, registrationBody } from './support/fixed-agent.js';
import { recordingEffects } from './support/recording-effects.js';

/** Answers with task-1, task-2, and so on. */
function countingAuthapi(status: (count: number) => number = () => 200) {
  let count = 0;
  return authapiServer((response) => {
    count += 1;
    response.writeHead(status(count));
    response.end(JSON.stringify({ task_id: `task-${count}` }));
  });
}

/** An authority that answers when it is let go. */
async function heldAuthapi() {
  const held: (() => void)[] = [];
  let dropped = 0;
  const server = await authapiServer((response) => {
    const taskId = `task-${held.length + 1}`;
    held.push(() => response.end(JSON.stringify({ task_id: taskId })));
    response.on('close', () => {
      if (!response.writableFinished) dropped += 1;
    });
  });
  return { ...server, letGo: (number: number) => held[number - 1]?.(), dropped: () => dropped };
}

function start(
  authapiBaseUrl: string,
  changes: Partial<AgentIdentityRecord> = {},
  effects: HttpEffects = {},
  options: Partial<StartAgentIdentityAuthOptions> = {},
) {
  return startAgentIdentityAuth(
    { ...record, ...changes },
    { authapiBaseUrl, ...options },
    recordingEffects(effects),
  );
}

describe('a record without a task', () => {
  it('registers one, once, and headers send nothing more', async () => {
    const { baseUrl, requests } = await countingAuthapi();
    const auth = await start(baseUrl);
    expect(auth.runTaskId).toBe('task-1');
    for (const handle of [auth, auth.clone(), auth]) handle.headers();
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      path: '/api/accounts/v1/agent/agent-123/task/register',
      body: registrationBody,
    });
    expect(auth.record).toEqual(record);
  });

  it('can get it sealed', async () => {
    const { baseUrl } = await authapiServer({
      body: { encrypted_task_id: sealTaskId(agentKey.publicKey, 'task-sealed') },
    });
    expect((await start(baseUrl)).runTaskId).toBe('task-sealed');
  });

  it.each(['', ' ', '\t\n'])('includes a record with a blank task: %j', async (task_id) => {
    const { baseUrl, requests } = await countingAuthapi();
    expect((await start(baseUrl, { task_id })).runTaskId).toBe('task-1');
    expect(requests).toHaveLength(1);
  });

  it('gets another task for each run that starts after the previous one', async () => {
    const { baseUrl } = await countingAuthapi();
    expect((await start(baseUrl)).runTaskId).toBe('task-1');
    expect((await start(baseUrl)).runTaskId).toBe('task-2');
  });

  it('gets another one even if callers of the previous start are not notified yet', async () => {
    const { baseUrl } = await countingAuthapi();
    const again = start(baseUrl).then(() => start(baseUrl));
    const slower = start(baseUrl, {}, { signal: new AbortController().signal });
    expect((await slower).runTaskId).toBe('task-1');
    expect((await again).runTaskId).toBe('task-2');
  });

  it('can be tried again after a failure', async () => {
    const { baseUrl } = await countingAuthapi((count) => (count === 1 ? 403 : 200));
    expect(await failureOf(start(baseUrl))).toMatchObject({ operation: 'task_registration', status: 403 });
    expect((await start(baseUrl)).runTaskId).toBe('task-2');
  });

  it('is retried within one start', async () => {
    const { baseUrl, requests } = await countingAuthapi((count) => (count < 3 ? 500 : 200));
    expect((await start(baseUrl)).runTaskId).toBe('task-3');
    expect(requests).toHaveLength(3);
  });
});

describe('a record with a task', () => {
  it('is used unchanged, and nothing is registered', async () => {
    const { baseUrl, requests } = await countingAuthapi();
    expect((await start(baseUrl, { task_id: 'stored' })).runTaskId).toBe('stored');
    expect((await start(baseUrl, { task_id: ' stored ' })).runTaskId).toBe(' stored ');
    expect(requests).toHaveLength(0);
  });
});

describe('concurrent starts', () => {
  it('of one record register one task between them', async () => {
    const { baseUrl, requests } = await countingAuthapi();
    const one = { ...record };
    const started = await Promise.all(
      Array.from({ length: 50 }, () =>
        startAgentIdentityAuth(one, { authapiBaseUrl: baseUrl }, recordingEffects()),
      ),
    );
    expect(new Set(started.map(({ runTaskId }) => runTaskId))).toEqual(new Set(['task-1']));
    expect(new Set(started).size).toBe(50);
    expect(requests).toHaveLength(1);
  });

  it('of one record that was read twice do too, and each keeps its own copy', async () => {
    const { baseUrl, requests } = await countingAuthapi();
    const [a, b] = await Promise.all([
      start(baseUrl, { plan_type: 'free' }),
      start(`${baseUrl}/`, { plan_type: 'pro' }),
    ]);
    expect([a.runTaskId, b.runTaskId]).toEqual(['task-1', 'task-1']);
    expect([a.record.plan_type, b.record.plan_type]).toEqual(['free', 'pro']);
    expect(requests).toHaveLength(1);
  });

  it('join one in progress', async () => {
    const server = await heldAuthapi();
    const first = start(server.baseUrl);
    await server.requested(1);
    const second = start(server.baseUrl);
    server.letGo(1);
    expect((await first).runTaskId).toBe('task-1');
    expect((await second).runTaskId).toBe('task-1');
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['runtimes', { agent_runtime_id: 'agent-124' }],
    ['keys', { agent_private_key: otherPkcs8 }],
  ])('of different %s register one each', async (_title, other) => {
    const { baseUrl, requests } = await countingAuthapi();
    const started = await Promise.all([start(baseUrl), start(baseUrl, other)]);
    expect(new Set(started.map(({ runTaskId }) => runTaskId)).size).toBe(2);
    expect(requests).toHaveLength(2);
  });

  it('with different authorities register one with each', async () => {
    const [a, b] = [await countingAuthapi(), await countingAuthapi()];
    await Promise.all([start(a.baseUrl), start(b.baseUrl)]);
    expect([a.requests.length, b.requests.length]).toEqual([1, 1]);
  });

  it('with different fetch functions do not mix', async () => {
    const answers = (task_id: string) => async () => Response.json({ task_id });
    const base = 'https://authority.example.test';
    const [a, b] = await Promise.all([
      start(base, {}, { fetch: answers('a') }),
      start(base, {}, { fetch: answers('b') }),
    ]);
    expect([a.runTaskId, b.runTaskId]).toEqual(['a', 'b']);
  });

  it('fail together, and a later start tries again', async () => {
    const { baseUrl, requests } = await countingAuthapi((count) => (count === 1 ? 403 : 200));
    const failed = [start(baseUrl), start(baseUrl), start(baseUrl)].map((started) => failureOf(started));
    for (const failure of await Promise.all(failed)) expect(failure.status).toBe(403);
    expect(requests).toHaveLength(1);
    expect((await start(baseUrl)).runTaskId).toBe('task-2');
  });
});

describe("a caller's abort", () => {
  const reason = new Error('the user gave up');

  it('rejects that caller at once and lets the others continue', async () => {
    const server = await heldAuthapi();
    const controller = new AbortController();
    const first = start(server.baseUrl, {}, { signal: controller.signal });
    const second = start(server.baseUrl, {}, { signal: new AbortController().signal });
    const third = start(server.baseUrl);
    await server.requested(1);
    controller.abort(reason);
    await expect(first).rejects.toBe(reason);
    server.letGo(1);
    expect((await second).runTaskId).toBe('task-1');
    expect((await third).runTaskId).toBe('task-1');
    expect(server.requests).toHaveLength(1);
  });

  it('aborts the registration when no caller waits for it', async () => {
    const server = await heldAuthapi();
    const controllers = [new AbortController(), new AbortController()];
    const started = controllers.map(({ signal }) => start(server.baseUrl, {}, { signal }));
    await server.requested(1);
    controllers[0]?.abort(reason);
    await expect(started[0]).rejects.toBe(reason);
    expect(server.dropped()).toBe(0);
    controllers[1]?.abort('another reason');
    await expect(started[1]).rejects.toBe('another reason');
    await expect.poll(server.dropped, { timeout: 4000 }).toBe(1);
  });

  it('does not affect a later start, which registers again', async () => {
    const server = await heldAuthapi();
    const controller = new AbortController();
    const first = start(server.baseUrl, {}, { signal: controller.signal });
    await server.requested(1);
    const second = first.catch((error: unknown) => {
      expect(error).toBe(reason);
      return start(server.baseUrl);
    });
    controller.abort(reason);
    await server.requested(2);
    const third = start(server.baseUrl);
    server.letGo(2);
    expect((await second).runTaskId).toBe('task-2');
    expect((await third).runTaskId).toBe('task-2');
    expect(server.requests).toHaveLength(2);
  });

  it('before the start sends nothing, even for a record with a task', async () => {
    const { baseUrl, requests } = await countingAuthapi();
    const signal = AbortSignal.abort(reason);
    await expect(start(baseUrl, {}, { signal })).rejects.toBe(reason);
    await expect(start(baseUrl, { task_id: 'stored' }, { signal })).rejects.toBe(reason);
    expect(requests).toHaveLength(0);
  });

  it('after the start changes nothing', async () => {
    const { baseUrl } = await countingAuthapi();
    const controller = new AbortController();
    const auth = await start(baseUrl, {}, { signal: controller.signal });
    controller.abort(reason);
    expect(auth.headers()).toHaveProperty('Authorization');
  });
});

describe('before any request', () => {
  it.each<[string, Partial<Record<keyof AgentIdentityRecord, unknown>>]>([
    ['invalid_agent_identity_record', { agent_runtime_id: '' }],
    ['invalid_agent_identity_record', { agent_runtime_id: 7 }],
    ['invalid_agent_identity_record', { agent_private_key: undefined }],
    ['invalid_agent_identity_record', { account_id: '' }],
    ['invalid_agent_identity_record', { account_id: 'account\r\nX-Evil: 1' }],
    ['invalid_agent_identity_record', { account_id: 'konto-é' }],
    ['invalid_agent_identity_record', { chatgpt_account_is_fedramp: 'false' }],
    ['invalid_agent_identity_record', { task_id: 7 }],
    ['invalid_agent_key', { agent_private_key: 'not-a-key' }],
    ['invalid_agent_key', { agent_private_key: `${fixedAgent.pkcs8}AAAA` }],
    ['unsafe_agent_runtime_id', { agent_runtime_id: '../register' }],
    ['unsafe_agent_runtime_id', { agent_runtime_id: 'a%2fb', task_id: 'stored' }],
    ['invalid_argument', { task_id: 'x'.repeat(4000) }],
    ['invalid_argument', { task_id: '\ud800' }],
  ] as never)('%s: a record with %j is refused', async (code, wrong) => {
    const { baseUrl, requests } = await countingAuthapi();
    const error = await thrownBy(() => start(baseUrl, wrong as never));
    expect(error.code).toBe(code);
    expect(error.message).not.toMatch(/not-a-key|MC4CAQAw|Evil|konto/);
    expect(requests).toHaveLength(0);
  });

  it.each([null, undefined, 'record', [], 7])(
    'a value that is not a record is refused: %j',
    async (value) => {
      const error = await thrownBy(() =>
        startAgentIdentityAuth(value as never, { authapiBaseUrl: 'https://a.test' }, {}),
      );
      expect(error.code).toBe('invalid_agent_identity_record');
    },
  );

  it.each([
    ['insecure_url', { authapiBaseUrl: 'http://authority.example.test' }],
    ['invalid_base_url', { authapiBaseUrl: 'https://authority.example.test/#x' }],
    ['invalid_argument', { timeoutSeconds: 0 }],
  ])('%s: %j is refused, even for a record with a task', async (code, wrong) => {
    for (const task_id of [undefined, 'stored']) {
      const error = await thrownBy(() => start('https://a.test', { task_id }, {}, wrong));
      expect(error.code).toBe(code);
    }
  });

  it('plain http is allowed to a host in allowPlainHttpHosts', async () => {
    const urls: unknown[] = [];
    const fetch: typeof globalThis.fetch = async (url) => {
      urls.push(url);
      return Response.json({ task_id: 'task-1' });
    };
    await start('http://authority.internal', {}, { fetch }, { allowPlainHttpHosts: ['authority.internal'] });
    expect(urls).toEqual(['http://authority.internal/v1/agent/agent-123/task/register']);
  });
});

it('the time limit of an attempt can be set', async () => {
  const neverAnswers: AuthapiReply = () => {};
  const { baseUrl } = await authapiServer(neverAnswers);
  const failure = await failureOf(start(baseUrl, {}, {}, { timeoutSeconds: 0.05 }));
  expect(failure).toMatchObject({ code: 'registration_timed_out', attempts: 3 });
});

it('a start reads the record and the base URL once', async () => {
  const { baseUrl } = await countingAuthapi();
  const reads = { key: 0, url: 0 };
  const counted = {
    ...record,
    get agent_private_key() {
      reads.key += 1;
      return record.agent_private_key;
    },
  };
  const options = {
    get authapiBaseUrl() {
      reads.url += 1;
      return baseUrl;
    },
  };
  await startAgentIdentityAuth(counted, options, recordingEffects());
  expect(reads).toEqual({ key: 1, url: 1 });
});
