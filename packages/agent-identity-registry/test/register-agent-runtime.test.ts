import { type RegisterAgentRuntimeOptions, registerAgentRuntime } from 'agent-identity-registry';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type AuthapiReply, authapiServer } from './support/authapi-server.js';
import { failureOf } from './support/failure-of.js';
import { agentKey } from './support/fixed-agent.js';
import { recordingEffects } from './support/recording-effects.js';

const registration = {
  accessToken: 'access.token-1',
  isFedramp: false,
  publicKey: agentKey.publicKey,
  abom: { agent_version: '1.2.3', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
};

async function register(
  changes: Partial<RegisterAgentRuntimeOptions> = {},
  reply: AuthapiReply = { body: { agent_runtime_id: 'agent-1' } },
) {
  const { baseUrl, requests } = await authapiServer(reply);
  const runtimeId = registerAgentRuntime(
    { authapiBaseUrl: baseUrl, ...registration, ...changes },
    recordingEffects(),
  );
  return { runtimeId, requests };
}

describe('the request', () => {
  it('is a POST of the bill of materials, key, capabilities and lifetime, byte for byte', async () => {
    const { runtimeId, requests } = await register();
    expect(await runtimeId).toBe('agent-1');
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/accounts/v1/agent/register',
      body: `{"abom":{"agent_version":"1.2.3","agent_harness_id":"codex-cli","running_location":"cli-linux"},"agent_public_key":"${agentKey.publicKey.ssh}","capabilities":["responsesapi"],"ttl":null}`,
    });
  });

  it('carries the access token and no account, because the token names the account', async () => {
    const { runtimeId, requests } = await register();
    await runtimeId;
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'Bearer access.token-1',
      'content-type': 'application/json',
    });
    expect(requests[0]?.headers).not.toHaveProperty('chatgpt-account-id');
    expect(requests[0]?.headers).not.toHaveProperty('x-openai-fedramp');
  });

  it('has X-OpenAI-Fedramp for a FedRAMP account', async () => {
    const { runtimeId, requests } = await register({ isFedramp: true });
    await runtimeId;
    expect(requests[0]?.headers).toMatchObject({ 'x-openai-fedramp': 'true' });
  });

  it('can contain other capabilities and a lifetime', async () => {
    const { runtimeId, requests } = await register({ capabilities: ['a', 'b'], ttlSeconds: 3600 });
    await runtimeId;
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({ capabilities: ['a', 'b'], ttl: 3600 });
  });

  it('contains only members of the protocol', async () => {
    const { runtimeId, requests } = await register({
      abom: { ...registration.abom, host_name: 'secret-host' } as never,
    });
    await runtimeId;
    expect(requests[0]?.body).not.toContain('secret-host');
  });
});

describe('the response', () => {
  it('with any 2xx contains the runtime id, and other members are ignored', async () => {
    const { runtimeId } = await register({}, { status: 201, body: { agent_runtime_id: 'agent-1', x: 1 } });
    expect(await runtimeId).toBe('agent-1');
  });

  it.each([
    ['without an id', {}],
    ['with an empty id', { agent_runtime_id: '' }],
    ['with a blank id', { agent_runtime_id: ' ' }],
    ['with null', { agent_runtime_id: null }],
    ['with a number', { agent_runtime_id: 7 }],
    ['with an id that could not be a path segment', { agent_runtime_id: '../../admin' }],
    ['that is not JSON', 'agent-1'],
    ['that is empty', ''],
  ])('%s is a final error', async (_title, body) => {
    const { runtimeId, requests } = await register({}, { body });
    expect(await failureOf(runtimeId)).toMatchObject({
      code: 'malformed_registration_response',
      operation: 'agent_registration',
      status: 200,
      attempts: 1,
      retryable: false,
    });
    expect(requests).toHaveLength(1);
  });
});

describe('before any request', () => {
  it.each([
    ['invalid_argument', { accessToken: '' }],
    ['invalid_argument', { accessToken: ' ' }],
    ['invalid_argument', { accessToken: undefined as never }],
    ['invalid_argument', { accessToken: 'Bearer access.token-1' }],
    ['invalid_argument', { accessToken: 'top-secret\r\nX-Evil: 1' }],
    ['invalid_argument', { accessToken: 'top-secret\n' }],
    ['invalid_argument', { accessToken: 'top-secret-é' }],
    ['invalid_argument', { accessToken: 'top-secret\0' }],
    ['invalid_argument', { isFedramp: 'false' as never }],
    ['invalid_argument', { abom: { agent_version: '1' } as never }],
    ['invalid_argument', { abom: undefined as never }],
    ['invalid_argument', { capabilities: 'responsesapi' as never }],
    ['invalid_argument', { ttlSeconds: 0 }],
    ['invalid_argument', { ttlSeconds: 1.5 }],
    ['invalid_argument', { timeoutSeconds: 0 }],
    ['invalid_public_key', { publicKey: { ssh: fixedAgent.pkcs8 } }],
    ['invalid_public_key', { publicKey: undefined as never }],
    ['insecure_url', { authapiBaseUrl: 'http://authority.example.test' }],
  ])('%s: %j is refused', async (code, wrong) => {
    const { runtimeId, requests } = await register(wrong);
    const error = await thrownBy(() => runtimeId);
    expect(error.code).toBe(code);
    expect(error.message).not.toMatch(/top-secret|access\.token|MC4CAQAw/);
    expect(requests).toHaveLength(0);
  });

  it('the error names the invalid member', async () => {
    const { runtimeId } = await register({ ttlSeconds: -1 });
    expect((await thrownBy(() => runtimeId)).message).toContain('ttlSeconds');
    const { runtimeId: other } = await register({
      abom: { ...registration.abom, agent_version: 7 } as never,
    });
    expect((await thrownBy(() => other)).message).toContain('abom.agent_version');
  });
});

it('a failed runtime registration has operation and status and is retried like that of a task', async () => {
  const { runtimeId, requests } = await register({}, { status: 503 });
  expect(await failureOf(runtimeId)).toMatchObject({
    code: 'registration_unavailable',
    operation: 'agent_registration',
    status: 503,
    attempts: 3,
    retryable: true,
  });
  expect(requests).toHaveLength(3);
  expect(new Set(requests.map(({ headers: { authorization } }) => authorization))).toEqual(
    new Set(['Bearer access.token-1']),
  );
});
