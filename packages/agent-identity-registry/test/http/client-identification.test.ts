import { registerAgentRuntime } from 'agent-identity-registry';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { authapiServer } from '../support/authapi-server.js';
import { agentKey } from '../support/fixed-agent.js';
import { recordingEffects } from '../support/recording-effects.js';
import { registerTask } from '../support/register-task.js';

interface Identification {
  readonly userAgent?: string;
  readonly originator?: string;
}

const registerRuntime = (authapiBaseUrl: string, identification: Identification) =>
  registerAgentRuntime(
    {
      authapiBaseUrl,
      accessToken: 'token',
      isFedramp: false,
      publicKey: agentKey.publicKey,
      abom: { agent_version: '1', agent_harness_id: 'x', running_location: 'y' },
      ...identification,
    },
    recordingEffects(),
  );

describe.each([
  ['a runtime', registerRuntime],
  [
    'a task',
    (authapiBaseUrl: string, identification: Identification) =>
      registerTask({ authapiBaseUrl, ...identification }),
  ],
])('the registration of %s', (_what, register) => {
  const answered = { body: { task_id: 'task-1', agent_runtime_id: 'agent-1' } };

  it('carries our name and version by default', async () => {
    const { baseUrl, requests } = await authapiServer(answered);
    await register(baseUrl, {});
    expect(requests[0]?.headers).toMatchObject({
      'user-agent': expect.stringMatching(/^agent-identity-ts\/\d+\.\d+\.\d+/),
      originator: 'agent-identity-ts',
    });
  });

  it('carries what the caller sets, at every attempt', async () => {
    const { baseUrl, requests } = await authapiServer({ status: 500 }, answered);
    await register(baseUrl, { userAgent: 'my_agent/1.2.3 (Linux)', originator: 'my_agent' });
    expect(requests).toHaveLength(2);
    for (const { headers } of requests) {
      expect(headers).toMatchObject({ 'user-agent': 'my_agent/1.2.3 (Linux)', originator: 'my_agent' });
    }
  });

  it.each([{ userAgent: 'a\r\nb' }, { originator: 'a b' }])(
    'refuses %j before any request',
    async (wrong) => {
      const { baseUrl, requests } = await authapiServer(answered);
      expect((await thrownBy(() => register(baseUrl, wrong))).code).toBe('invalid_argument');
      expect(requests).toHaveLength(0);
    },
  );
});
