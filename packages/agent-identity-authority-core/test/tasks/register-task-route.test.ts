import { generateAgentKey, openSealedTaskId, signTaskRegistration } from 'agent-identity-core';
import { describe, expect, it } from 'vitest';
import { bearer, now, registrationOf, startAuthority } from '../support/start-authority.js';

function signedAt(agentKey: ReturnType<typeof generateAgentKey>, agentRuntimeId: string, at: number = now) {
  return signTaskRegistration({ agentKey, agentRuntimeId }, { clock: () => at });
}

describe('POST /v1/agent/:agentRuntimeId/task/register', () => {
  it('returns a plain task id by default, URL-safe and without a colon', async () => {
    const { register, registerTask, store } = await startAuthority();
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const { status, body } = await registerTask(id, signedAt(agentKey, id));
    expect(status).toBe(200);
    expect(body).toEqual({ task_id: expect.stringMatching(/^[\w-]{20,80}$/) });
    expect(await store.findAgentTask(id, body.task_id)).toMatchObject({
      agentRuntimeId: id,
      revokedAt: null,
    });
  });

  it('returns an encrypted task id if configured, and the agent key decrypts it', async () => {
    const { register, registerTask, store } = await startAuthority({ sealTaskIds: true });
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const { body } = await registerTask(id, signedAt(agentKey, id));
    expect(Object.keys(body)).toEqual(['encrypted_task_id']);
    const taskId = openSealedTaskId(agentKey, body.encrypted_task_id);
    expect(await store.findAgentTask(id, taskId)).toMatchObject({ taskId });
    expect(() => openSealedTaskId(generateAgentKey(), body.encrypted_task_id)).toThrow();
  });

  it('a function can decide for each runtime whether to encrypt', async () => {
    const sealed = generateAgentKey();
    const plain = generateAgentKey();
    const { register, registerTask } = await startAuthority({
      sealTaskIds: ({ publicKeySsh }) => publicKeySsh === sealed.publicKey.ssh,
    });
    for (const [agentKey, member] of [
      [sealed, 'encrypted_task_id'],
      [plain, 'task_id'],
    ] as const) {
      const id = await register(agentKey);
      expect(Object.keys((await registerTask(id, signedAt(agentKey, id))).body)).toEqual([member]);
    }
  });

  it('byte-identical registrations get the same task, even four at once, and encrypted ones too', async () => {
    const { register, registerTask } = await startAuthority({ sealTaskIds: true });
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const registration = signedAt(agentKey, id);
    const answers = await Promise.all([1, 2, 3, 4].map(() => registerTask(id, registration)));
    answers.push(await registerTask(id, registration));
    const taskIds = answers.map(({ body }) => openSealedTaskId(agentKey, body.encrypted_task_id));
    expect(new Set(taskIds).size).toBe(1);
  });

  it('registrations of different seconds get different tasks, which are active side by side', async () => {
    const { register, registerTask, authority } = await startAuthority();
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const first = (await registerTask(id, signedAt(agentKey, id, now - 1000))).body.task_id;
    const second = (await registerTask(id, signedAt(agentKey, id))).body.task_id;
    expect(first).not.toBe(second);
    for (const taskId of [first, second]) {
      expect(await authority.directory.findAgentTask(id, taskId)).toMatchObject({ status: 'active' });
    }
  });

  it('a repeated registration whose task was revoked gets a new task', async () => {
    const { register, registerTask, authority } = await startAuthority();
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const registration = signedAt(agentKey, id);
    const revoked = (await registerTask(id, registration)).body.task_id;
    await authority.revokeAgentTask({ agentRuntimeId: id, taskId: revoked });
    const renewed = (await registerTask(id, registration)).body.task_id;
    expect(renewed).not.toBe(revoked);
    expect((await registerTask(id, registration)).body.task_id).toBe(renewed);
  });

  it('needs no access token and ignores one', async () => {
    const { register, post } = await startAuthority();
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const path = `/v1/agent/${id}/task/register`;
    const answer = await post(path, signedAt(agentKey, id), bearer('whatever-it-may-be'));
    expect(answer.status).toBe(200);
  });
});

describe('refused task registrations', () => {
  it.each(['agent-of-nobody', '%2e%2e%2f', '__proto__', 'a:b', '%ff', 'ünicode'])(
    'an unknown runtime (%s) is refused with the code that is terminal for clients',
    async (unknown) => {
      const { post } = await startAuthority();
      const registration = signedAt(generateAgentKey(), 'agent-of-nobody');
      expect(await post(`/v1/agent/${unknown}/task/register`, registration)).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_agent_runtime_id' } },
      });
    },
  );

  it('a signature by another key, or over another runtime or time, is refused', async () => {
    const { register, registerTask } = await startAuthority();
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const registrations = [
      signedAt(generateAgentKey(), id),
      signedAt(agentKey, 'another-runtime'),
      { ...signedAt(agentKey, id), timestamp: '2026-04-23T00:00:01Z' },
    ];
    for (const registration of registrations) {
      expect(await registerTask(id, registration)).toMatchObject({
        status: 401,
        body: { error: { code: 'invalid_signature' } },
      });
    }
  });

  it('a time more than 300 s away is refused, and both ends are accepted', async () => {
    const { register, registerTask } = await startAuthority();
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    for (const offset of [-300_000, 300_000]) {
      expect((await registerTask(id, signedAt(agentKey, id, now + offset))).status).toBe(200);
    }
    for (const [offset, code] of [
      [-301_000, 'task_registration_expired'],
      [301_000, 'task_registration_in_future'],
    ] as const) {
      const answer = await registerTask(id, signedAt(agentKey, id, now + offset));
      expect(answer).toMatchObject({ status: 401, body: { error: { code } } });
      expect(answer.headers.get('date')).toBe('Thu, 23 Apr 2026 00:00:00 GMT');
    }
  });

  it('a time outside a configured window is refused', async () => {
    const { register, registerTask } = await startAuthority({ maxAgeSeconds: 10, leewaySeconds: 5 });
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const statuses = [];
    for (const offset of [-11_000, -10_000, 5000, 6000]) {
      statuses.push((await registerTask(id, signedAt(agentKey, id, now + offset))).status);
    }
    expect(statuses).toEqual([401, 200, 200, 401]);
  });

  it('a revoked runtime is refused with the message that clients know, but only for its own agent', async () => {
    const { register, registerTask, authority } = await startAuthority();
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    await authority.revokeAgentRuntime(id);
    expect(await registerTask(id, signedAt(agentKey, id))).toMatchObject({
      status: 403,
      body: { error: { message: 'Agent runtime has been deleted.' } },
    });
    expect((await registerTask(id, signedAt(generateAgentKey(), id))).status).toBe(401);
  });

  it('a runtime is refused from the moment its ttl has passed', async () => {
    let time = now;
    const { post, registerTask } = await startAuthority({}, { clock: () => time });
    const agentKey = generateAgentKey();
    const registered = await post('/v1/agent/register', registrationOf(agentKey, { ttl: 60 }), bearer());
    const id = registered.body.agent_runtime_id;
    time = now + 59_999;
    expect((await registerTask(id, signedAt(agentKey, id, time))).status).toBe(200);
    time = now + 60_000;
    expect(await registerTask(id, signedAt(agentKey, id, time))).toMatchObject({
      status: 403,
      body: { error: { code: 'agent_runtime_expired' } },
    });
  });

  it.each([
    ['text that is not JSON', () => 'not JSON'],
    ['no signature', ({ timestamp }: { timestamp: string }) => ({ timestamp })],
    ['a task target of its own', (body: object) => ({ ...body, target: 'x' })],
    ['a task id of its own', (body: object) => ({ ...body, task_id: 'task-of-mine' })],
    ['a time with an offset', (body: object) => ({ ...body, timestamp: '2026-04-23T02:00:00+02:00' })],
    [
      'a time with fractions of seconds',
      (body: object) => ({ ...body, timestamp: '2026-04-23T00:00:00.000Z' }),
    ],
    ['a short signature', (body: object) => ({ ...body, signature: 'AAAA' })],
  ])('a body with %s is refused', async (_what, change) => {
    const { register, post } = await startAuthority();
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const body = change(signedAt(agentKey, id));
    expect(await post(`/v1/agent/${id}/task/register`, body)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
  });
});
