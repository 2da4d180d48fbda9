import { registerAgentRuntime } from 'agent-identity-registry';
import { foreignFetches } from 'test-support/foreign-fetches';
import { describe, expect, it } from 'vitest';
import { authapiServer } from '../support/authapi-server.js';
import { failureOf } from '../support/failure-of.js';
import { agentKey, registrationBody } from '../support/fixed-agent.js';
import { recordingEffects } from '../support/recording-effects.js';
import { registerTask } from '../support/register-task.js';

const runtime = {
  accessToken: 'access.token-1',
  isFedramp: false,
  publicKey: agentKey.publicKey,
  abom: { agent_version: '1', agent_harness_id: 'x', running_location: 'y' },
};

describe.each(foreignFetches)('with %s', (_name, fetch) => {
  const effects = recordingEffects({ fetch });

  it('a task is registered with one request', async () => {
    const { baseUrl, requests } = await authapiServer({ body: { task_id: 'task-1' } });
    expect(await registerTask({ authapiBaseUrl: baseUrl }, effects)).toBe('task-1');
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'POST', body: registrationBody });
  });

  it('a runtime is registered with one request', async () => {
    const { baseUrl, requests } = await authapiServer({ body: { agent_runtime_id: 'agent-1' } });
    expect(await registerAgentRuntime({ authapiBaseUrl: baseUrl, ...runtime }, effects)).toBe('agent-1');
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers).toMatchObject({ authorization: 'Bearer access.token-1' });
  });

  it('a refusal has its status and its error', async () => {
    const { baseUrl, requests } = await authapiServer({ status: 403, body: { error: { code: 'a_code' } } });
    const failure = await failureOf(registerTask({ authapiBaseUrl: baseUrl }, effects));
    expect(failure).toMatchObject({ code: 'registration_refused', serverError: { code: 'a_code' } });
    expect(requests).toHaveLength(1);
  });

  it('an outage is retried, three attempts in all', async () => {
    const { baseUrl, requests } = await authapiServer({ status: 503, body: 'x'.repeat(100_000) });
    const failure = await failureOf(registerTask({ authapiBaseUrl: baseUrl }, effects));
    expect(failure).toMatchObject({ code: 'registration_unavailable', attempts: 3 });
    expect(failure.bodyExcerpt).toHaveLength(512);
    expect(requests).toHaveLength(3);
  });

  it('a body over 64 KiB is refused', async () => {
    const { baseUrl } = await authapiServer({ body: { task_id: 'task-1', more: 'x'.repeat(70_000) } });
    const failure = await failureOf(registerTask({ authapiBaseUrl: baseUrl }, effects));
    expect(failure.code).toBe('malformed_registration_response');
  });

  it('a response that does not end is cut off by the time limit', async () => {
    const { baseUrl } = await authapiServer((response) => void response.write('{'));
    const failure = await failureOf(registerTask({ authapiBaseUrl: baseUrl, timeoutSeconds: 0.05 }, effects));
    expect(failure).toMatchObject({ code: 'registration_timed_out', attempts: 3 });
  });

  it('a redirect is not followed', async () => {
    const { baseUrl, requests } = await authapiServer({ status: 307, headers: { location: '/elsewhere' } });
    const failure = await failureOf(registerTask({ authapiBaseUrl: baseUrl }, effects));
    expect(failure.code).toBe('registration_redirected');
    expect(requests).toHaveLength(1);
  });
});
