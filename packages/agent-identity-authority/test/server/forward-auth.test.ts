import {
  type AgentKey,
  createAssertionSigner,
  generateAgentKey,
  signTaskRegistration,
} from 'agent-identity-core';
import { registrationBody, temporaryFile } from 'test-support';
import { expect, it } from 'vitest';
import { serverAdminToken, startServer } from '../support/start-server.js';

const wireAccount = {
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  plan_type: 'business',
  is_fedramp: false,
};
const rules = [
  { host: 'tools.example', methods: ['GET'], path: '/v1/**' },
  { host: 'tools.example', path: '/v1/**', capability: 'tools:write' },
];

async function scene(file: unknown = { rules, headers: { generation: false } }) {
  const rulesFile = await temporaryFile(typeof file === 'string' ? file : JSON.stringify(file));
  const { url } = await startServer({ forwardAuth: { rulesFile } });
  const post = async (path: string, body: object, token = serverAdminToken) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await response.json()) as Record<string, string>;
  };
  const ask = (authorization: string, forwarded: Record<string, string> = {}) =>
    fetch(`${url}/v1/forward-auth`, {
      headers: {
        authorization,
        'chatgpt-account-id': 'account-1',
        'x-forwarded-method': 'GET',
        'x-forwarded-host': 'tools.example',
        'x-forwarded-uri': '/v1/items?limit=1',
        ...forwarded,
      },
    });
  /** Enrolls an agent, and returns what it signs with. */
  const enroll = async (capabilities: string[]) => {
    const { token = '' } = await post('/v1/admin/enrollment-tokens', { account: wireAccount, capabilities });
    const agentKey: AgentKey = generateAgentKey();
    const body = registrationBody(agentKey.publicKey.ssh, { capabilities });
    const { agent_runtime_id: agentRuntimeId = '' } = await post('/v1/agent/register', body, token);
    const { task_id: taskId = '' } = await post(
      `/v1/agent/${agentRuntimeId}/task/register`,
      signTaskRegistration({ agentKey, agentRuntimeId }),
    );
    const signer = createAssertionSigner({ agentKey, agentRuntimeId, taskId });
    return { agentRuntimeId, taskId, header: signer.authorizationHeader() };
  };
  return { url, post, ask, enroll };
}

it('an authority answers proxies by its rules, and refuses a revoked agent at once', async () => {
  const { post, ask, enroll } = await scene();
  const { agentRuntimeId, taskId, header } = await enroll(['tools:read', 'tools:use']);
  const response = await ask(header);
  expect(response.status).toBe(200);
  expect(Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('x-agent-')))).toEqual({
    'x-agent-id': agentRuntimeId,
    'x-agent-task-id': taskId,
    'x-agent-account-id': 'account-1',
    'x-agent-user-id': '',
    'x-agent-organization-id': '',
    'x-agent-project-id': '',
    'x-agent-capabilities': 'tools:read tools:use',
  });
  const write = { 'x-forwarded-method': 'POST' };
  expect((await ask(header, write)).headers.get('x-agent-error')).toBe('capability_missing');
  expect((await ask((await enroll(['tools:write'])).header, write)).status).toBe(200);
  await post(`/v1/admin/agents/${agentRuntimeId}/revoke`, {});
  const refused = await ask(header);
  expect([refused.status, refused.headers.get('x-agent-error')]).toEqual([403, 'agent_runtime_deleted']);
  const stranger = await ask('');
  expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([401, 'AgentAssertion']);
});

it('an authority without rules has no route for proxies', async () => {
  const { url } = await startServer();
  expect((await fetch(`${url}/v1/forward-auth`)).status).toBe(404);
});

it.each([
  ['no JSON', 'no json', 'expected a JSON object'],
  ['no rules', {}, 'rules: expected'],
  ['a rule that cannot be used', { rules: [{ path: '/a*' }] }, 'rules[0].path'],
  ['an unknown member', { rules, header: {} }, 'header'],
])('an authority does not start with %s', async (_what, file, message) => {
  await expect(scene(file)).rejects.toThrow(message);
});
