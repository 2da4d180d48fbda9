import { inspect } from 'node:util';
import { parseAgentAssertion, verifyAgentAssertion } from 'agent-identity-core';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { startAgentIdentityAuth } from 'agent-identity-registry';
import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';
import { agentKey, record } from './support/fixed-agent.js';

const options = { authapiBaseUrl: 'https://authority.example.test' };
const withTask: AgentIdentityRecord = { ...record, task_id: 'task-123' };

/** Whatever is sent fails the test: making headers must not send anything. */
const noFetch: typeof globalThis.fetch = () => {
  throw new Error('nothing may be sent');
};

function auth(changes: Partial<AgentIdentityRecord> = {}, clock = () => fixedAgent.signedAt) {
  return startAgentIdentityAuth({ ...withTask, ...changes }, options, { clock, fetch: noFetch });
}

describe('headers', () => {
  it('are the assertion and the account, byte for byte as OpenSSL signs it', async () => {
    expect((await auth()).headers()).toEqual({
      Authorization: fixedAgent.assertionHeader,
      'ChatGPT-Account-ID': 'account-1',
    });
  });

  it('include X-OpenAI-Fedramp for a FedRAMP account', async () => {
    expect((await auth({ chatgpt_account_is_fedramp: true })).headers()).toEqual({
      Authorization: fixedAgent.assertionHeader,
      'ChatGPT-Account-ID': 'account-1',
      'X-OpenAI-Fedramp': 'true',
    });
  });

  it('are a new object each time', async () => {
    const made = await auth();
    made.headers()['Authorization'] = 'mine';
    expect(made.headers()['Authorization']).toBe(fixedAgent.assertionHeader);
  });

  it('are signed for the time of each request', async () => {
    let now = fixedAgent.signedAt;
    const made = await auth({}, () => now);
    now += 61_000;
    const assertion = parseAgentAssertion(made.authorizationHeader());
    expect(assertion).toMatchObject({
      agentRuntimeId: 'agent-123',
      taskId: 'task-123',
      timestamp: '2026-04-23T00:01:01Z',
    });
    verifyAgentAssertion(assertion, { publicKey: agentKey.publicKey }, { clock: () => now });
  });

  it('are accepted by fetch', async () => {
    expect(new Headers((await auth()).headers()).get('chatgpt-account-id')).toBe('account-1');
  });
});

describe('a clone', () => {
  it('is another handle that shares record and task', async () => {
    const made = await auth();
    const clone = made.clone();
    expect(clone).not.toBe(made);
    expect(clone.record).toBe(made.record);
    expect(clone.runTaskId).toBe(made.runTaskId);
  });

  it('shares the signer, so each second is signed once for all clones', async () => {
    const signatures: Uint8Array[] = [];
    const { sign } = Object.getPrototypeOf(agentKey);
    const prototype = Object.getPrototypeOf(agentKey);
    prototype.sign = function (message: Uint8Array) {
      signatures.push(message);
      return sign.call(this, message);
    };
    try {
      let now = fixedAgent.signedAt;
      const made = await auth({}, () => now);
      const handles = [made, made.clone(), made.clone().clone()];
      now += 1000;
      signatures.length = 0;
      const headers = handles.flatMap((handle) => [
        handle.authorizationHeader(),
        handle.headers()['Authorization'],
      ]);
      expect(new Set(headers).size).toBe(1);
      expect(signatures).toHaveLength(1);
    } finally {
      prototype.sign = sign;
    }
  });
});

describe('the record', () => {
  it('is a frozen copy of the given one', async () => {
    const given = { ...withTask };
    const made = await startAgentIdentityAuth(given, options, { fetch: noFetch });
    given.account_id = 'account-2';
    expect(made.record).toEqual(withTask);
    expect(Object.isFrozen(made.record)).toBe(true);
    expect(made.headers()['ChatGPT-Account-ID']).toBe('account-1');
    expect(Reflect.set(made, 'record', {})).toBe(false);
  });

  it('can be serialized in its stored form', async () => {
    const { record: kept } = await auth();
    expect(JSON.parse(JSON.stringify(kept))).toEqual(withTask);
    expect({ ...kept }).toEqual(withTask);
  });

  it('shows no key in inspect', async () => {
    const { record: kept } = await auth();
    expect(inspect(kept)).not.toContain(fixedAgent.pkcs8);
    expect(inspect(kept)).toContain('agent-123');
  });
});

describe('printing the auth', () => {
  it('shows runtime, task and account and no secret', async () => {
    const made = await auth();
    const shown = { agentRuntimeId: 'agent-123', runTaskId: 'task-123', accountId: 'account-1' };
    expect(JSON.parse(JSON.stringify(made))).toEqual(shown);
    for (const text of [
      String(made),
      inspect(made),
      inspect({ made }, { depth: 9, showHidden: true, getters: true }),
      inspect(made, { depth: 9, showHidden: true, customInspect: false }),
      JSON.stringify({ made }),
      JSON.stringify({ ...made }),
      JSON.stringify(structuredClone({ ...made })),
      JSON.stringify(Object.entries(Object.getOwnPropertyDescriptors(made))),
    ]) {
      expect(text).not.toContain(fixedAgent.pkcs8.slice(0, 20));
      expect(text).not.toContain('AgentAssertion ');
      expect(text).not.toContain('someone@example.test');
    }
    expect(String(made)).toContain('agent-123');
    expect(inspect(made)).toContain('task-123');
  });
});
