import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import {
  type Authority,
  type AuthorityStore,
  createAuthority,
  memoryStore,
  principalTokens,
  staticTokens,
} from 'agent-identity-authority-core';
import { generateAgentKey } from 'agent-identity-core';
import {
  type AgentIdentityRecord,
  changeAgentKey,
  createAgentIdentityRecord,
  readAgentIdentity,
  registerAgentRuntime,
  registerChildAgent,
  registerRunTask,
  startAgentIdentityAuth,
} from 'agent-identity-registry';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { type RemoteDirectory, remoteDirectory } from 'agent-identity-verifier/remote-directory';
import { listenOnLoopback } from 'test-support';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accessToken, account } from './start-agent.js';

const verifierToken = 'token-of-a-service-that-verifies-requests';
const abom = { agent_version: '1.0.0', agent_harness_id: 'test', running_location: 'cli-linux' };
const { accountId } = account;

let store: AuthorityStore;
let authority: Authority;
let server: Server;
let authapiBaseUrl: string;
let directory: RemoteDirectory;
let parent: AgentIdentityRecord;

/** An authority on loopback with a runtime, and a service elsewhere that follows its directory. */
beforeEach(async () => {
  store = memoryStore();
  const capabilities = ['repository:read', 'repository:write'];
  authority = await createAuthority({
    store,
    authenticator: staticTokens([{ token: accessToken, account: { ...account, capabilities } }]),
    verifiers: principalTokens([{ token: verifierToken, name: 'models.example.test' }]),
  });
  const listener = getRequestListener((request) => authority.fetch(request));
  server = createServer(listener);
  authapiBaseUrl = await listenOnLoopback(server);
  directory = remoteDirectory({
    baseUrl: authapiBaseUrl,
    accessToken: verifierToken,
    maxCacheSeconds: 0,
    follow: true,
  });
  const agentKey = generateAgentKey();
  const agentRuntimeId = await registerAgentRuntime({
    authapiBaseUrl,
    accessToken,
    isFedramp: false,
    publicKey: agentKey.publicKey,
    abom,
    capabilities,
  });
  parent = createAgentIdentityRecord({ agentRuntimeId, agentKey, account });
});

afterEach(async () => {
  directory.close();
  await authority.close();
  server.closeAllConnections();
});

const options = { abom, capabilities: ['repository:read', 'repository:delete'] };

/** Starts a run with a record; verifies what it signs. */
async function startRun(record: AgentIdentityRecord) {
  const auth = await startAgentIdentityAuth(record, { authapiBaseUrl });
  const verifier = createAssertionVerifier({ directory });
  return () => verifier.verify(auth.authorizationHeader(), { accountId });
}

describe('a sub-agent', () => {
  it('signs with its own key, may do what its parent may, and its lineage is known to services', async () => {
    const child = await registerChildAgent(readAgentIdentity(parent), { authapiBaseUrl, ...options });
    expect(child.capabilities).toEqual(['repository:read']);
    expect(child.record).toMatchObject({ account_id: accountId, plan_type: 'business' });
    expect(child.record.agent_private_key).not.toBe(parent.agent_private_key);
    const grandchild = await registerChildAgent(readAgentIdentity(child.record), {
      authapiBaseUrl,
      abom,
      capabilities: ['repository:write'],
      name: 'reviewer',
    });
    const verify = await startRun(grandchild.record);
    expect(await verify()).toMatchObject({
      agentRuntimeId: grandchild.record.agent_runtime_id,
      capabilities: [],
      name: 'reviewer',
      lineage: [parent.agent_runtime_id, child.record.agent_runtime_id],
    });
  });

  it('is refused at a following service when its parent is suspended, comes back, and ends with it', async () => {
    const { record } = await registerChildAgent(readAgentIdentity(parent), { authapiBaseUrl, ...options });
    const verify = await startRun(record);
    const codeOf = () =>
      verify().then(
        () => 'verified',
        (error) => error.code,
      );
    expect(await codeOf()).toBe('verified');
    await store.suspendAgentRuntime(parent.agent_runtime_id, Date.now());
    await vi.waitFor(async () => expect(await codeOf()).toBe('agent_runtime_suspended'), 5000);
    await store.resumeAgentRuntime(parent.agent_runtime_id, Date.now());
    await vi.waitFor(async () => expect(await codeOf()).toBe('verified'), 5000);
    await authority.revokeAgentRuntime(parent.agent_runtime_id);
    await vi.waitFor(async () => expect(await codeOf()).toBe('agent_runtime_revoked'), 5000);
    await expect(startRun(record)).rejects.toMatchObject({ code: 'agent_runtime_deleted' });
  });

  it('is registered once, however often the same key is sent', async () => {
    const childKey = generateAgentKey();
    const register = () =>
      registerChildAgent(readAgentIdentity(parent), { authapiBaseUrl, ...options, childKey });
    const [one, other] = await Promise.all([register(), register()]);
    expect(other.record.agent_runtime_id).toBe(one.record.agent_runtime_id);
  });

  it('is refused by the authority for a parent that it does not know, without a secret in the error', async () => {
    const unknown = { ...parent, agent_runtime_id: 'agent-0' };
    const refused = registerChildAgent(readAgentIdentity(unknown), { authapiBaseUrl, ...options });
    await expect(refused).rejects.toMatchObject({ operation: 'child_registration', status: 400 });
    const error = await refused.catch((reason: unknown) => reason);
    expect(`${JSON.stringify(error)}${(error as Error).stack}`).not.toContain(parent.agent_private_key);
  });

  it.each([
    [{ ttlSeconds: 0 }, /ttlSeconds/],
    [{ capabilities: 'all' }, /capabilities/],
    [{ abom: undefined }, /abom/],
    [{ name: '' }, /name/],
    [{ lifetime: 5 }, /lifetime/],
    [{ childKey: 'secret' }, /childKey/],
  ])('with the options %j is refused before anything is sent', async (changes, message) => {
    const refused = registerChildAgent(readAgentIdentity(parent), {
      authapiBaseUrl,
      ...options,
      ...(changes as object),
    });
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(message),
    });
  });
});

describe('changeAgentKey', () => {
  it('keeps the id and the task, and the new record signs in place of the old one', async () => {
    const taskId = await registerRunTask(readAgentIdentity(parent), { authapiBaseUrl });
    const withTask = { ...parent, task_id: taskId };
    const verifyOld = await startRun(withTask);
    expect(await verifyOld()).toMatchObject({ taskId });
    const newKey = generateAgentKey();
    const change = { authapiBaseUrl, newKey, endTasks: false };
    const changed = await changeAgentKey(readAgentIdentity(withTask), change);
    expect(changed).toEqual({ ...withTask, agent_private_key: newKey.toPkcs8Base64() });
    // A repeat after a lost response.
    expect(await changeAgentKey(readAgentIdentity(withTask), change)).toEqual(changed);
    const verifyNew = await startRun(changed);
    await vi.waitFor(
      async () =>
        expect(await verifyNew()).toMatchObject({
          taskId,
          agentRuntimeId: parent.agent_runtime_id,
        }),
      5000,
    );
    await expect(verifyOld()).rejects.toMatchObject({ code: 'invalid_signature' });
  });

  it('ends the tasks on request', async () => {
    const taskId = await registerRunTask(readAgentIdentity(parent), { authapiBaseUrl });
    const withTask = { ...parent, task_id: taskId };
    const newKey = generateAgentKey();
    const changed = await changeAgentKey(readAgentIdentity(withTask), {
      authapiBaseUrl,
      newKey,
      endTasks: true,
    });
    expect(changed).not.toHaveProperty('task_id');
    expect(await authority.directory.findAgentTask(parent.agent_runtime_id, taskId)).toMatchObject({
      status: 'revoked',
    });
  });

  it('is refused for a key of another runtime, and changes nothing', async () => {
    const { record } = await registerChildAgent(readAgentIdentity(parent), { authapiBaseUrl, ...options });
    const newKey = readAgentIdentity(record).agentKey;
    const refused = changeAgentKey(readAgentIdentity(parent), { authapiBaseUrl, newKey, endTasks: true });
    await expect(refused).rejects.toMatchObject({ operation: 'key_change', status: 409 });
    await expect(startAgentIdentityAuth(parent, { authapiBaseUrl })).resolves.toBeDefined();
  });
});
