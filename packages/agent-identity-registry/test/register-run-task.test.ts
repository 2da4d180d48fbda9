import { generateAgentKey, sealTaskId } from 'agent-identity-core';
import { readAgentIdentity, registerRunTask } from 'agent-identity-registry';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type AuthapiReply, authapiServer } from './support/authapi-server.js';
import { failureOf } from './support/failure-of.js';
import { agentKey, record, registrationBody } from './support/fixed-agent.js';
import { recordingEffects } from './support/recording-effects.js';
import { registerTask } from './support/register-task.js';

async function register(reply: AuthapiReply, effects = recordingEffects()) {
  const { baseUrl, requests } = await authapiServer(reply);
  return {
    taskId: registerTask({ authapiBaseUrl: baseUrl }, effects),
    requests,
  };
}

describe('the request', () => {
  it('is a POST to the runtime whose body is timestamp and signature, byte for byte', async () => {
    const { taskId, requests } = await register({ body: { task_id: 'task-1' } });
    expect(await taskId).toBe('task-1');
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/accounts/v1/agent/agent-123/task/register',
      body: registrationBody,
    });
  });

  it('carries no Authorization, no cookie and no account', async () => {
    const { taskId, requests } = await register({ body: { task_id: 'task-1' } });
    await taskId;
    const headers = requests[0]?.headers ?? {};
    expect(headers).toMatchObject({ 'content-type': 'application/json', accept: 'application/json' });
    for (const name of ['authorization', 'cookie', 'chatgpt-account-id', 'x-openai-fedramp']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it('has an unusual runtime id as one escaped segment, and signs the id itself', async () => {
    const { baseUrl, requests } = await authapiServer({ body: { task_id: 'task-1' } });
    const id = 'rt_é漢字';
    await registerTask({ authapiBaseUrl: baseUrl }, recordingEffects(), id);
    expect(requests[0]?.path).toBe('/api/accounts/v1/agent/rt_%C3%A9%E6%BC%A2%E5%AD%97/task/register');
    const { timestamp, signature } = JSON.parse(requests[0]?.body ?? '');
    const message = new TextEncoder().encode(`${id}:${timestamp}`);
    expect(agentKey.publicKey.verify(message, Buffer.from(signature, 'base64'))).toBe(true);
  });

  it('is signed again for each attempt', async () => {
    const { baseUrl, requests } = await authapiServer(
      { status: 500 },
      { status: 500 },
      { body: { task_id: 'task-1' } },
    );
    let now = fixedAgent.signedAt;
    const effects = recordingEffects({
      clock: () => now,
      sleep: async () => {
        now += 1000;
      },
    });
    await registerTask({ authapiBaseUrl: baseUrl }, effects);
    const bodies = requests.map(({ body }) => JSON.parse(body));
    expect(bodies.map(({ timestamp }) => timestamp)).toEqual([
      '2026-04-23T00:00:00Z',
      '2026-04-23T00:00:01Z',
      '2026-04-23T00:00:02Z',
    ]);
    for (const { timestamp, signature } of bodies) {
      const message = new TextEncoder().encode(`agent-123:${timestamp}`);
      expect(agentKey.publicKey.verify(message, Buffer.from(signature, 'base64'))).toBe(true);
    }
  });
});

describe('the task id is the first present member of the response', () => {
  const sealed = sealTaskId(agentKey.publicKey, 'sealed-1');
  const otherSealed = sealTaskId(agentKey.publicKey, 'sealed-2');
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['task_id', { task_id: 'a' }, 'a'],
    ['taskId', { taskId: 'b' }, 'b'],
    ['encrypted_task_id, opened', { encrypted_task_id: sealed }, 'sealed-1'],
    ['encryptedTaskId, opened', { encryptedTaskId: otherSealed }, 'sealed-2'],
    ['task_id before taskId', { taskId: 'b', task_id: 'a' }, 'a'],
    ['plain before sealed', { encrypted_task_id: sealed, encryptedTaskId: otherSealed, taskId: 'b' }, 'b'],
    [
      'encrypted_task_id before encryptedTaskId',
      { encryptedTaskId: otherSealed, encrypted_task_id: sealed },
      'sealed-1',
    ],
    ['null is not present', { task_id: null, taskId: 'b', encrypted_task_id: null }, 'b'],
    [
      'null is not present for sealed ones',
      { task_id: null, encrypted_task_id: null, encryptedTaskId: sealed },
      'sealed-1',
    ],
    ['unknown members are ignored', { id: 'x', task: { id: 'y' }, task_id: 'a', expires_at: 7 }, 'a'],
    ['it is not trimmed', { task_id: ' a\t' }, ' a\t'],
    ['it may be any Unicode', { task_id: 'tâche-漢字-🤖' }, 'tâche-漢字-🤖'],
  ];
  for (const [title, body, expected] of cases) {
    it(title, async () => {
      expect(await (await register({ body })).taskId).toBe(expected);
    });
  }

  it.each([200, 201, 202, 226, 299])('with status %i as with any other 2xx', async (status) => {
    expect(await (await register({ status, body: { task_id: 'a' } })).taskId).toBe('a');
  });

  it('of a sealed id that libsodium sealed', async () => {
    const encrypted_task_id =
      'ngTpil4Aikp/TiMdE46hrucUEe+tMfY4tnKlnQtDASUbcatpf3TbwE/HotBenXZaM3G76OF5fD6iVQ==';
    expect(await (await register({ body: { encrypted_task_id } })).taskId).toBe('task-run-1');
  });
});

describe('a response without a usable task id is a final failure', () => {
  const sealed = sealTaskId(agentKey.publicKey, 'sealed-1');
  const cases: readonly (readonly [string, unknown])[] = [
    ['no body', ''],
    ['no JSON', '<html>fine</html>'],
    ['broken JSON', '{"task_id":"a"'],
    ['an array', ['a']],
    ['a string', '"task-1"'],
    ['null', 'null'],
    ['no member', {}],
    ['null only', { task_id: null, encryptedTaskId: null }],
    ['an empty id', { task_id: '' }],
    ['a blank id', { task_id: ' \n' }],
    ['a blank id, though a later one is usable', { task_id: '', taskId: 'b', encrypted_task_id: sealed }],
    ['an id of another type', { task_id: 7 }],
    ['an id of another type, though a later one is usable', { task_id: 7, taskId: 'b' }],
    ['an id too long for a header', { task_id: 'x'.repeat(4000) }],
    [
      'a sealed id too long for a header',
      { encrypted_task_id: sealTaskId(agentKey.publicKey, 'x'.repeat(4000)) },
    ],
    ['a lone surrogate', '{"task_id":"\\ud800"}'],
    ['an empty sealed id', { encrypted_task_id: '' }],
    ['a sealed id that is no base64', { encrypted_task_id: '!!!!' }],
    ['a sealed id in base64url', { encrypted_task_id: sealed.replaceAll('=', '').replaceAll('+', '-') }],
    ['an id sealed for another key', { encrypted_task_id: sealTaskId(generateAgentKey().publicKey, 'x') }],
    [
      'a first sealed id that does not open, though the second does',
      { encrypted_task_id: 'AAAA', encryptedTaskId: sealed },
    ],
  ];
  for (const [title, body] of cases) {
    it(title, async () => {
      const { taskId, requests } = await register({ body });
      const error = await failureOf(taskId);
      expect(error).toMatchObject({
        code: 'malformed_registration_response',
        operation: 'task_registration',
        status: 200,
        attempts: 1,
        retryable: false,
      });
      expect(requests).toHaveLength(1);
    });
  }

  it('and the error says why a sealed id does not open', async () => {
    const error = await failureOf((await register({ body: { encrypted_task_id: 'AAAA' } })).taskId);
    expect(error.cause).toMatchObject({ code: 'unreadable_sealed_task_id' });
  });
});

describe('before any request', () => {
  it.each([
    ['insecure_url', { authapiBaseUrl: 'http://authority.example.test' }],
    ['invalid_base_url', { authapiBaseUrl: 'https://authority.example.test?x' }],
    ['invalid_argument', { taskId: 'mine' }],
    ['invalid_argument', { kind: 'run' }],
    ['invalid_argument', { storedTask: 'keep' as never }],
    ['invalid_argument', { timeoutSeconds: 0 }],
    ['invalid_argument', { timeoutSeconds: -1 }],
    ['invalid_argument', { timeoutSeconds: Number.NaN }],
    ['invalid_argument', { timeoutSeconds: Number.POSITIVE_INFINITY }],
    ['invalid_argument', { timeoutSeconds: '5' as never }],
  ])('%s: %j is refused', async (code, wrong) => {
    const { baseUrl, requests } = await authapiServer({ body: { task_id: 'a' } });
    const registration = { authapiBaseUrl: baseUrl, ...wrong };
    expect((await thrownBy(() => registerTask(registration, recordingEffects()))).code).toBe(code);
    expect(requests).toHaveLength(0);
  });

  it('a clock that does not return a finite number is refused', async () => {
    const { taskId, requests } = await register({}, recordingEffects({ clock: () => Number.NaN }));
    expect((await thrownBy(() => taskId)).code).toBe('invalid_argument');
    expect(requests).toHaveLength(0);
  });
});

describe('storedTask', () => {
  const identity = readAgentIdentity({ ...record, task_id: 'stored' });

  it('uses the task of the record by default', async () => {
    const { baseUrl, requests } = await authapiServer({ body: { task_id: 'task-1' } });
    expect(await registerRunTask(identity, { authapiBaseUrl: baseUrl })).toBe('stored');
    expect(await registerRunTask(identity, { authapiBaseUrl: baseUrl, storedTask: 'use' })).toBe('stored');
    expect(requests).toHaveLength(0);
  });

  it('registers a new task if the stored one is to be ignored', async () => {
    const { baseUrl, requests } = await authapiServer({ body: { task_id: 'task-1' } });
    const options = { authapiBaseUrl: baseUrl, storedTask: 'ignore' } as const;
    expect(await registerRunTask(identity, options)).toBe('task-1');
    expect(requests).toHaveLength(1);
  });
});
