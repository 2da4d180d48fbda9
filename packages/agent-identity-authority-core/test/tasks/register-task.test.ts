import { generateAgentKey, openSealedTaskId, signTaskRegistration } from 'agent-identity-core';
import { describe, expect, it } from 'vitest';
import { bearer, now, registrationOf, startAuthority } from '../support/start-authority.js';

function signedAt(agentKey: ReturnType<typeof generateAgentKey>, agentRuntimeId: string, at: number = now) {
  return signTaskRegistration({ agentKey, agentRuntimeId }, { clock: () => at });
}

describe('POST /v1/agent/:agentRuntimeId/task/register', () => {
  it('answers a plain task id by default: URL-safe, without a colon', async () => {
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

  it('answers a sealed task id where that is chosen, which the key of the agent opens', async () => {
    const { register, registerTask, store } = await startAuthority({ sealTaskIds: true });
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const { body } = await registerTask(id, signedAt(agentKey, id));
    expect(Object.keys(body)).toEqual(['encrypted_task_id']);
    const taskId = openSealedTaskId(agentKey, body.encrypted_task_id);
    expect(await store.findAgentTask(id, taskId)).toMatchObject({ taskId });
    expect(() => openSealedTaskId(generateAgentKey(), body.encrypted_task_id)).toThrow();
  });

  it('seals by runtime where a function chooses', async () => {
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

  it('answers byte-identical registrations with the same task, also four at once, and sealed ones too', async () => {
    const { register, registerTask } = await startAuthority({ sealTaskIds: true });
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const registration = signedAt(agentKey, id);
    const answers = await Promise.all([1, 2, 3, 4].map(() => registerTask(id, registration)));
    answers.push(await registerTask(id, registration));
    const taskIds = answers.map(({ body }) => openSealedTaskId(agentKey, body.encrypted_task_id));
    expect(new Set(taskIds).size).toBe(1);
  });

  it('answers registrations of different seconds with different tasks, which live side by side', async () => {
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

  it('answers the repeat of a registration whose task was revoked with a new task', async () => {
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

  it('asks for no access token, and ignores one', async () => {
    const { register, post } = await startAuthority();
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const path = `/v1/agent/${id}/task/register`;
    const answer = await post(path, signedAt(agentKey, id), bearer('whatever-it-may-be'));
    expect(answer.status).toBe(200);
  });
});

describe('what it refuses', () => {
  it.each(['agent-of-nobody', '%2e%2e%2f', '__proto__', 'a:b', '%ff', 'ünicode'])(
    'a runtime that nobody knows (%s): terminal for clients',
    async (unknown) => {
      const { post } = await startAuthority();
      const registration = signedAt(generateAgentKey(), 'agent-of-nobody');
      expect(await post(`/v1/agent/${unknown}/task/register`, registration)).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_agent_runtime_id' } },
      });
    },
  );

  it('a signature by another key, over another runtime, or over another time', async () => {
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

  it('a time beyond 300 s either way, both ends included', async () => {
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

  it('a time outside the window that is given', async () => {
    const { register, registerTask } = await startAuthority({ maxAgeSeconds: 10, leewaySeconds: 5 });
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const statuses = [];
    for (const offset of [-11_000, -10_000, 5000, 6000]) {
      statuses.push((await registerTask(id, signedAt(agentKey, id, now + offset))).status);
    }
    expect(statuses).toEqual([401, 200, 200, 401]);
  });

  it('a revoked runtime, with the message that clients know, and only to its own agent', async () => {
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

  it('a runtime from the moment on that its ttl has passed', async () => {
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
    ['no JSON', () => 'not JSON'],
    ['no signature', ({ timestamp }: { timestamp: string }) => ({ timestamp })],
    ['a task target of its own', (body: object) => ({ ...body, target: 'x' })],
    ['a task id of its own', (body: object) => ({ ...body, task_id: 'task-of-mine' })],
    ['a time with an offset', (body: object) => ({ ...body, timestamp: '2026-04-23T02:00:00+02:00' })],
    ['a time with fractions', (body: object) => ({ ...body, timestamp: '2026-04-23T00:00:00.000Z' })],
    ['a short signature', (body: object) => ({ ...body, signature: 'AAAA' })],
  ])('a body with %s', async (_what, change) => {
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
