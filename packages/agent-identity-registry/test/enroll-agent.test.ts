import { inspect } from 'node:util';
import { type EnrollAgentOptions, enrollAgent } from 'agent-identity-registry';
import { printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type AuthapiReply, authapiServer } from './support/authapi-server.js';
import { failureOf } from './support/failure-of.js';
import { agentKey } from './support/fixed-agent.js';
import { recordingEffects } from './support/recording-effects.js';

const accessToken = `aie_${'t'.repeat(43)}`;
const abom = { agent_version: '1.2.3', agent_harness_id: 'my-agent', running_location: 'ci-linux' };
const account = {
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  email: '',
  plan_type: 'business',
  chatgpt_account_is_fedramp: true,
};

async function enroll(
  reply: AuthapiReply = { body: { agent_runtime_id: 'agent-1', account } },
  changes: Partial<EnrollAgentOptions> = {},
) {
  const { baseUrl, requests } = await authapiServer(reply);
  const record = enrollAgent({ authapiBaseUrl: baseUrl, accessToken, abom, ...changes }, recordingEffects());
  return { record, requests };
}

describe('enrollAgent', () => {
  it('registers a key and returns the record with the account that the authority tells', async () => {
    const { record, requests } = await enroll(undefined, { agentKey, capabilities: ['repository:read'] });
    expect(await record).toEqual({
      agent_runtime_id: 'agent-1',
      agent_private_key: agentKey.toPkcs8Base64(),
      ...account,
    });
    expect(requests[0]?.headers).toMatchObject({ authorization: `Bearer ${accessToken}` });
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      abom,
      agent_public_key: agentKey.publicKey.ssh,
      capabilities: ['repository:read'],
      ttl: null,
    });
    expect(inspect(await record)).not.toContain(agentKey.toPkcs8Base64());
  });

  it('makes a new key each time', async () => {
    const keys = new Set<string | undefined>();
    for (let i = 0; i < 2; i += 1) keys.add((await (await enroll()).record).agent_private_key);
    expect(keys.size).toBe(2);
  });

  it.each([
    ['no account', undefined],
    ['an account of another form', 'account-1'],
    ['a part of an account', { account_id: 'account-1' }],
  ])('fails if the authority tells %s', async (_what, told) => {
    const { record } = await enroll({ body: { agent_runtime_id: 'agent-1', account: told } });
    const failure = await failureOf(record);
    expect(failure).toMatchObject({ operation: 'agent_registration' });
    expect(failure.message).toContain('account');
    expect(printedForms(failure)).not.toContain(accessToken);
  });

  it.each([
    [{ agentKey: 'a key' }, 'agentKey'],
    [{ publicKey: agentKey.publicKey }, 'publicKey'],
    [{ accessToken: 'two words' }, 'accessToken'],
  ])('refuses %j before anything is sent', async (changes, member) => {
    const { record, requests } = await enroll(undefined, changes as never);
    const error = await thrownBy(() => record);
    expect(error).toMatchObject({ code: 'invalid_argument' });
    expect(error.message).toContain(member);
    expect(requests).toEqual([]);
  });
});
