import {
  type CreateAuthorityOptions,
  createAuthority,
  memoryStore,
  staticTokens,
} from 'agent-identity-authority-core';
import {
  createAgentAssertion,
  formatAgentAssertion,
  generateAgentKey,
  signTaskRegistration,
} from 'agent-identity-core';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { describe, expect, it } from 'vitest';
import { breakableStore } from './support/breakable-store.js';
import { bearer, now, registrationOf, startAuthority } from './support/start-authority.js';

/** An authority, a runtime with a task, the agent's header, and a verifier that uses the authority's directory. */
async function registeredAgent(options: Partial<CreateAuthorityOptions> = {}) {
  let time = now;
  const clock = () => time;
  const started = await startAuthority(options, { clock });
  const agentKey = generateAgentKey();
  const registration = registrationOf(agentKey, { ttl: 600 });
  const registered = await started.post('/v1/agent/register', registration, bearer());
  const agentRuntimeId: string = registered.body.agent_runtime_id;
  const { body } = await started.registerTask(
    agentRuntimeId,
    signTaskRegistration({ agentKey, agentRuntimeId }, { clock }),
  );
  const taskId: string = body.task_id;
  const verifier = createAssertionVerifier({ directory: started.authority.directory }, { clock });
  const header = () =>
    formatAgentAssertion(createAgentAssertion({ agentKey, agentRuntimeId, taskId }, { clock }));
  return {
    ...started,
    agentRuntimeId,
    taskId,
    verify: () => verifier.verify(header(), { accountId: 'account-1' }),
    passTime(seconds: number) {
      time += seconds * 1000;
    },
  };
}

describe('the directory of an authority', () => {
  it('a verifier accepts the registered agent with its task', async () => {
    const { verify, agentRuntimeId, taskId } = await registeredAgent();
    expect(await verify()).toMatchObject({ agentRuntimeId, taskId, accountId: 'account-1' });
  });

  it('does not know other runtimes and tasks', async () => {
    const { authority, agentRuntimeId, taskId } = await registeredAgent();
    expect(await authority.directory.findAgentRuntime('agent-2')).toBeUndefined();
    expect(await authority.directory.findAgentTask('agent-2', taskId)).toBeUndefined();
    expect(await authority.directory.findAgentTask(agentRuntimeId, 'task-2')).toBeUndefined();
  });

  it('the next verification sees a revoked runtime', async () => {
    const { authority, verify, agentRuntimeId } = await registeredAgent();
    await verify();
    await authority.revokeAgentRuntime(agentRuntimeId);
    await expect(verify()).rejects.toMatchObject({ code: 'agent_runtime_revoked' });
  });

  it('the next verification sees a revoked task, and other tasks stay active', async () => {
    const { authority, verify, agentRuntimeId, taskId } = await registeredAgent();
    await verify();
    await authority.revokeAgentTask({ agentRuntimeId, taskId });
    await expect(verify()).rejects.toMatchObject({ code: 'invalid_task_id' });
    expect(await authority.directory.findAgentRuntime(agentRuntimeId)).toMatchObject({ status: 'active' });
  });

  it('a runtime is expired once its ttl has passed', async () => {
    const { verify, passTime } = await registeredAgent();
    passTime(599);
    await verify();
    passTime(1);
    await expect(verify()).rejects.toMatchObject({ code: 'agent_runtime_expired' });
  });

  it('a failing store makes a verifier unavailable, and never refuse', async () => {
    const { store, breakDown } = breakableStore();
    const { verify } = await registeredAgent({ store });
    await verify();
    breakDown();
    await expect(verify()).rejects.toMatchObject({ code: 'directory_unavailable', retryable: true });
  });
});

describe('revoking', () => {
  it('revoking twice has no effect', async () => {
    const { authority, store, agentRuntimeId, taskId, passTime } = await registeredAgent();
    await authority.revokeAgentTask({ agentRuntimeId, taskId });
    await authority.revokeAgentRuntime(agentRuntimeId);
    passTime(10);
    await authority.revokeAgentTask({ agentRuntimeId, taskId });
    await authority.revokeAgentRuntime(agentRuntimeId);
    expect(await store.findAgentRuntime(agentRuntimeId)).toMatchObject({ revokedAt: now });
    expect(await store.findAgentTask(agentRuntimeId, taskId)).toMatchObject({ revokedAt: now });
  });

  it('revoking something unknown throws', async () => {
    const { authority, agentRuntimeId } = await registeredAgent();
    await expect(authority.revokeAgentRuntime('agent-2')).rejects.toMatchObject({
      code: 'agent_runtime_not_found',
    });
    await expect(authority.revokeAgentTask({ agentRuntimeId, taskId: 'task-2' })).rejects.toMatchObject({
      code: 'task_not_found',
    });
  });
});

describe('closing', () => {
  it('running requests finish, and later ones get 503', async () => {
    let letIn = () => {};
    const gate = new Promise<void>((resolve) => {
      letIn = resolve;
    });
    const slow = staticTokens([{ token: 'a-token-of-some-length', account: anyAccount }]);
    const authenticator = {
      async authenticate(accessToken: string) {
        await gate;
        return slow.authenticate(accessToken);
      },
    };
    const { authority, post } = await startAuthority({ authenticator });
    const request = new Request('http://authority/v1/agent/register', {
      method: 'POST',
      headers: bearer('a-token-of-some-length'),
      body: JSON.stringify(registrationOf()),
    });
    const underWay = authority.fetch(request);
    let closed = false;
    const closing = authority.close().then(() => {
      closed = true;
    });
    const later = await post('/v1/agent/register', registrationOf(), bearer());
    expect(later.status).toBe(503);
    expect(later.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(closed).toBe(false);
    letIn();
    expect((await underWay).status).toBe(200);
    await closing;
  });

  it('the store stays open', async () => {
    const { authority, store, agentRuntimeId } = await registeredAgent();
    await authority.close();
    expect(await store.findAgentRuntime(agentRuntimeId)).toBeDefined();
  });
});

const anyAccount = { accountId: 'a', chatgptUserId: 'u', planType: 'free', isFedramp: false };

it.each([
  ['store', { store: undefined }],
  ['store', { store: {} }],
  ['store: expected an AuthorityStore, got an object without the method addAgentRuntime', { store: {} }],
  ['unknown member "jwtLifetimeSecs"; did you mean "jwtLifetimeSeconds"?', { jwtLifetimeSecs: 60 }],
  ['unknown member "perAdress"; did you mean "perAddress"?', { rateLimits: { perAdress: false } }],
  ['onFailure', { onFailure: 'log' }],
  ['generateSigningKey', { generateSigningKey: 'pem' }],
  ['readMetrics', { readMetrics: 'text' }],
  ['authenticator', { authenticator: undefined }],
  ['authenticator', { authenticator: {} }],
  ['authapiBasePath', { authapiBasePath: 'api' }],
  ['authapiBasePath', { authapiBasePath: '/api/:id' }],
  ['authapiBasePath', { authapiBasePath: '/api//x' }],
  ['authapiBasePath', { authapiBasePath: 'https://example.com/api' }],
  ['sealTaskIds', { sealTaskIds: 'yes' }],
  ['jwtLifetimeSeconds', { jwtLifetimeSeconds: 0 }],
  ['jwtLifetimeSeconds', { jwtLifetimeSeconds: 1.5 }],
  ['maxAgeSeconds', { maxAgeSeconds: -1 }],
  ['leewaySeconds', { leewaySeconds: Number.POSITIVE_INFINITY }],
])('createAuthority refuses an invalid %s: %j', async (name, wrong) => {
  const options = { store: memoryStore(), authenticator: staticTokens([]), ...wrong };
  await expect(createAuthority(options as unknown as CreateAuthorityOptions)).rejects.toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining(name),
  });
});
