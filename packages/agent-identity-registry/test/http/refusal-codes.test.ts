import { registerAgentRuntime } from 'agent-identity-registry';
import { describe, expect, it } from 'vitest';
import { type AuthapiReply, authapiServer } from '../support/authapi-server.js';
import { failureOf } from '../support/failure-of.js';
import { agentKey } from '../support/fixed-agent.js';
import { recordingEffects } from '../support/recording-effects.js';
import { registerTask } from '../support/register-task.js';

async function taskFailure(reply: AuthapiReply) {
  const { baseUrl, requests } = await authapiServer(reply);
  const failure = await failureOf(registerTask({ authapiBaseUrl: baseUrl }));
  expect(requests).toHaveLength(failure.attempts);
  return failure;
}

async function runtimeFailure(reply: AuthapiReply) {
  const { baseUrl } = await authapiServer(reply);
  const options = {
    authapiBaseUrl: baseUrl,
    accessToken: 'token',
    isFedramp: false,
    publicKey: agentKey.publicKey,
    abom: { agent_version: '1', agent_harness_id: 'x', running_location: 'y' },
  };
  return failureOf(registerAgentRuntime(options, recordingEffects()));
}

/** docs/protocol.md section 11, as captured. */
const deleted = {
  error: {
    message: 'Agent runtime has been deleted.',
    type: null,
    code: 'biscuit_baker_service_agent_error_status',
    param: null,
  },
  status: 403,
};

describe('a deleted runtime is terminal', () => {
  it.each([
    [403, deleted],
    [400, deleted],
    [400, { detail: 'Agent runtime has been deleted.' }],
    [403, { message: 'Agent runtime has been deleted.' }],
    [403, { error: 'Agent runtime has been deleted.' }],
  ])('with status %i and the body %j', async (status, body) => {
    const failure = await taskFailure({ status, body });
    expect(failure).toMatchObject({ code: 'agent_runtime_deleted', status, attempts: 1, retryable: false });
    expect(failure.message).toContain('Agent runtime has been deleted.');
  });

  it.each([401, 404, 410])('but not with status %i', async (status) => {
    expect((await taskFailure({ status, body: deleted })).code).toBe('registration_refused');
  });

  it('but not during an outage', async () => {
    expect(await taskFailure({ status: 503, body: deleted })).toMatchObject({
      code: 'registration_unavailable',
      retryable: true,
    });
  });

  it('but not as the answer to the registration of a runtime', async () => {
    expect((await runtimeFailure({ status: 403, body: deleted })).code).toBe('registration_refused');
  });
});

describe('an unknown runtime id is terminal', () => {
  it.each([
    { error: { code: 'invalid_agent_runtime_id', message: 'No such runtime.' } },
    { error: 'invalid_agent_runtime_id' },
    { detail: { code: 'invalid_agent_runtime_id' } },
    { code: 'invalid_agent_runtime_id' },
  ])('with status 400 and the body %j', async (body) => {
    const failure = await taskFailure({ status: 400, body });
    expect(failure).toMatchObject({ code: 'invalid_agent_runtime_id', attempts: 1, retryable: false });
  });

  it.each([
    [400, { error: { message: 'invalid_agent_runtime_id' } }],
    [400, 'invalid_agent_runtime_id'],
    [404, { error: { code: 'invalid_agent_runtime_id' } }],
  ])('but not with status %i and the body %j', async (status, body) => {
    expect((await taskFailure({ status, body })).code).toBe('registration_refused');
  });
});

describe.each([
  ['a task', taskFailure],
  ['a runtime', runtimeFailure],
])('the registration of %s', (_what, failureFor) => {
  it('says that a 403 is a challenge of the front door', async () => {
    const failure = await failureFor({
      status: 403,
      headers: { 'cf-mitigated': 'challenge', 'content-type': 'text/html' },
      body: '<!DOCTYPE html><title>Just a moment...</title>',
    });
    expect(failure).toMatchObject({ code: 'registration_challenged', attempts: 1, retryable: false });
    expect(failure.message).toContain('cf-mitigated: challenge');
    expect(failure.message).toContain('set userAgent and originator');
  });

  it.each([
    { error: { code: 'unsupported_country_region_territory', message: 'Country not supported' } },
    { error: 'unsupported_country_region_territory' },
  ])('says that the region is not supported: %j', async (body) => {
    const failure = await failureFor({ status: 403, body });
    expect(failure).toMatchObject({ code: 'unsupported_region', attempts: 1, retryable: false });
    expect(failure.message).toContain('does not serve this country, region or territory');
  });

  it('takes any other 403 for a refusal', async () => {
    expect((await failureFor({ status: 403, body: '<html>' })).code).toBe('registration_refused');
  });
});
