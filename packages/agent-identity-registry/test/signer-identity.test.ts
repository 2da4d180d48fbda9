import { inspect } from 'node:util';
import { type AgentSigner, generateAgentKey, sealTaskId } from 'agent-identity-core';
import {
  type AgentIdentityRecord,
  createAgentIdentityAuth,
  enrollAgent,
  type KeylessAgentIdentityRecord,
  readAgentIdentity,
  registerRunTask,
  registerRuntimeAgentInstance,
  startAgentIdentityAuth,
} from 'agent-identity-registry';
import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type AuthapiReply, authapiServer } from './support/authapi-server.js';
import { failureOf } from './support/failure-of.js';
import { agentKey, record, registrationBody } from './support/fixed-agent.js';
import { recordingEffects } from './support/recording-effects.js';

const { agent_private_key: _key, ...keyless } = record;
const { publicKey } = agentKey;
const signer: AgentSigner = { publicKey, sign: async (message) => agentKey.sign(message) };
const failing: AgentSigner = { publicKey, sign: () => Promise.reject(new Error('locked')) };
const wrong: AgentSigner = { publicKey, sign: async (message) => generateAgentKey().sign(message) };

async function start(reply: AuthapiReply = { body: { task_id: 'task-123' } }, by: AgentSigner = signer) {
  const { baseUrl, requests } = await authapiServer(reply);
  const started = startAgentIdentityAuth(
    keyless,
    { authapiBaseUrl: baseUrl, signer: by },
    recordingEffects(),
  );
  return { started, requests };
}

describe('an identity whose key is a signer', () => {
  it('registers the same task and sends the same headers as with the key itself', async () => {
    const { started, requests } = await start();
    const auth = await started;
    expect(requests).toMatchObject([{ body: registrationBody }]);
    const withKey = createAgentIdentityAuth(readAgentIdentity(record), fixedAgent.taskId, {
      clock: () => fixedAgent.signedAt,
    });
    expect(auth.runTaskId).toBe('task-123');
    expect(await auth.headers()).toEqual(withKey.headers());
    expect(await auth.clone().authorizationHeader()).toBe(withKey.authorizationHeader());
    expect(auth.record).toEqual(keyless);
    expect(Object.isFrozen(auth) && Object.isFrozen(auth.record)).toBe(true);
    expect(inspect(auth)).toBe(inspect(withKey));
    expect(inspect(readAgentIdentity(keyless, signer))).toBe(inspect(readAgentIdentity(record)));
  });

  it('marks headers of FedRAMP accounts', async () => {
    const identity = readAgentIdentity({ ...keyless, chatgpt_account_is_fedramp: true }, signer);
    expect(await createAgentIdentityAuth(identity, 'task-1').headers()).toMatchObject({
      'X-OpenAI-Fedramp': 'true',
    });
  });

  it('uses the task of its record', async () => {
    const identity = readAgentIdentity({ ...keyless, task_id: 'task-9' }, failing);
    expect(await registerRunTask(identity, { authapiBaseUrl: 'https://agents.example.com' })).toBe('task-9');
  });

  it.each([
    ['fails', failing, 'signer_unavailable'],
    ['signs with another key', wrong, 'signer_mismatch'],
  ])('sends nothing if its signer %s', async (_what, by, code) => {
    const { started, requests } = await start(undefined, by);
    await expect(started).rejects.toMatchObject({ code, retryable: code === 'signer_unavailable' });
    expect(requests).toEqual([]);
  });

  it('signs again for each attempt', async () => {
    let signatures = 0;
    const counting: AgentSigner = {
      publicKey,
      async sign(message) {
        signatures += 1;
        return agentKey.sign(message);
      },
    };
    const { started, requests } = await start({ status: 503 }, counting);
    expect((await failureOf(started)).code).toBe('registration_unavailable');
    expect([signatures, requests.length]).toEqual([3, 3]);
  });

  it('ends with the abort of the caller while the signer works', async () => {
    const { baseUrl, requests } = await authapiServer({ body: { task_id: 'task-1' } });
    const controller = new AbortController();
    const ended: AbortSignal[] = [];
    const hanging: AgentSigner = {
      publicKey,
      sign(_message, { signal }) {
        ended.push(signal);
        queueMicrotask(() => controller.abort(new Error('no longer needed')));
        return new Promise(() => {});
      },
    };
    const options = { authapiBaseUrl: baseUrl, signer: hanging };
    const effects = recordingEffects({ signal: controller.signal });
    await expect(startAgentIdentityAuth(keyless, options, effects)).rejects.toThrow('no longer needed');
    expect(ended.map(({ aborted }) => aborted)).toEqual([true]);
    expect(requests).toEqual([]);
  });

  it('cannot open a sealed task id, and says so', async () => {
    const { started } = await start({ body: { encrypted_task_id: sealTaskId(publicKey, 'task-1') } });
    const failure = await failureOf(started);
    expect(failure).toMatchObject({ code: 'sealed_task_id_needs_key', retryable: false, status: 200 });
    expect(failure.message).toContain('a sealed one can only be opened with a private key in this process');
  });

  it('takes a plain task id beside a sealed one', async () => {
    const { started } = await start({
      body: { task_id: 'task-2', encrypted_task_id: sealTaskId(publicKey, 'x') },
    });
    expect((await started).runTaskId).toBe('task-2');
  });
});

describe('readAgentIdentity with a signer', () => {
  it.each<[string, object]>([
    ['with a private key', record],
    ['without a runtime', { ...keyless, agent_runtime_id: undefined }],
    ['with an account that no header can hold', { ...keyless, account_id: 'a b' }],
  ])('refuses a record %s', (_what, bad) => {
    expect(() => readAgentIdentity(bad as KeylessAgentIdentityRecord, signer)).toThrow(
      expect.objectContaining({ code: 'invalid_agent_identity_record' }),
    );
  });

  it('refuses a record without a key if there is no signer', () => {
    expect(() => readAgentIdentity(keyless as AgentIdentityRecord)).toThrow(
      expect.objectContaining({ code: 'invalid_agent_identity_record' }),
    );
  });

  it('refuses what is no signer', () => {
    expect(() => readAgentIdentity(keyless, agentKey.publicKey as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });
});

describe('a registration of a signer', () => {
  const abom = { agent_version: '1.2.3', agent_harness_id: 'my-agent', running_location: 'ci-linux' };
  const account = {
    account_id: 'account-1',
    chatgpt_user_id: 'user-1',
    email: '',
    plan_type: 'business',
    chatgpt_account_is_fedramp: false,
  };

  it('returns a record without a key, and signs nothing', async () => {
    const { baseUrl, requests } = await authapiServer({ body: { agent_runtime_id: 'agent-1', account } });
    const options = { authapiBaseUrl: baseUrl, accessToken: 'aie_token', abom, signer: failing };
    expect(await enrollAgent(options)).toEqual({ agent_runtime_id: 'agent-1', ...account });
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({ agent_public_key: publicKey.ssh });
  });

  it.each([
    ['a key beside it', { agentKey, signer }],
    ['no signer at all', { signer: {} }],
  ])('refuses %s, and sends nothing', async (_what, changes) => {
    const { baseUrl, requests } = await authapiServer({ body: { agent_runtime_id: 'agent-1', account } });
    const options = { authapiBaseUrl: baseUrl, accessToken: 'aie_token', abom, ...changes };
    await expect(enrollAgent(options as never)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(requests).toEqual([]);
  });

  it('refuses an authority that does not tell the account', async () => {
    const { baseUrl } = await authapiServer({ body: { agent_runtime_id: 'agent-1' } });
    const enrolled = enrollAgent({ authapiBaseUrl: baseUrl, accessToken: 'aie_token', abom, signer });
    expect((await failureOf(enrolled)).code).toBe('malformed_registration_response');
  });

  it('registers an instance with the same body and Idempotency-Key as with the key itself', async () => {
    const actor = { kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' };
    const reply = { body: { runtime_agent_instance_id: 'rai-1', agent_host_id: 'host-1', actor } };
    const { baseUrl, requests } = await authapiServer(reply);
    const options = {
      baseUrl,
      actorAuth: { type: 'oauth', credential: 'token' },
      installationId: 'c77b29af-1f5f-4e5c-a007-978c11d359e1',
      metadata: { harness: 'my-agent', harness_version: '1.0.0', role: 'orchestrator' },
    } as const;
    await registerRuntimeAgentInstance({ ...options, agentKey });
    await registerRuntimeAgentInstance({ ...options, signer });
    const sent = requests.map(({ body, headers }) => ({ body, key: headers['idempotency-key'] }));
    expect(sent[1]).toEqual(sent[0]);
    const refused = { code: 'signer_unavailable', retryable: true };
    await expect(registerRuntimeAgentInstance({ ...options, signer: failing })).rejects.toMatchObject(
      refused,
    );
    for (const key of [{}, { agentKey, signer }, { signer: {} as AgentSigner }]) {
      await expect(registerRuntimeAgentInstance({ ...options, ...key })).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    }
    expect(requests).toHaveLength(2);
  });
});
