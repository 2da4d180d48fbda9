import { inspect } from 'node:util';
import { createAgentAssertion, formatAgentAssertion, generateAgentKey } from 'agent-identity-core';
import {
  type AgentDirectory,
  type AssertionVerifierOptions,
  createAssertionVerifier,
  isAgentIdentityError,
  memoryDirectory,
} from 'agent-identity-verifier';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countSignatureChecks } from './support/count-signature-checks.js';
import { countingKey, headerOf, type KnownAgent, knownAgent, now } from './support/known-agent.js';

const clock = () => now;
const account = { accountId: 'account-1' };

function verifierOf({ directory }: KnownAgent, options: Partial<AssertionVerifierOptions> = {}) {
  return createAssertionVerifier({ directory, ...options }, { clock });
}

describe('a genuine assertion of a known runtime and task', () => {
  it('verifies, and tells who acts', async () => {
    const agent = knownAgent();
    expect(await verifierOf(agent).verify(headerOf(agent), account)).toEqual({
      agentRuntimeId: 'agent-1',
      taskId: 'task-1',
      accountId: 'account-1',
      signedAt: '2026-04-23T00:00:00Z',
    });
  });

  it('verifies again and again inside its window', async () => {
    const agent = knownAgent();
    const verifier = verifierOf(agent);
    const header = headerOf(agent);
    const answers = await Promise.all(Array.from({ length: 20 }, () => verifier.verify(header, account)));
    expect(new Set(answers.map((answer) => answer.taskId))).toEqual(new Set(['task-1']));
  });

  it('verifies for several live tasks of one runtime', async () => {
    const agent = knownAgent();
    agent.directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-2' });
    const verifier = verifierOf(agent);
    expect(await verifier.verify(headerOf(agent), account)).toMatchObject({ taskId: 'task-1' });
    const second = { ...agent, taskId: 'task-2' };
    expect(await verifier.verify(headerOf(second), account)).toMatchObject({ taskId: 'task-2' });
  });

  it('verifies with a directory that answers later', async () => {
    const agent = knownAgent();
    const remote: AgentDirectory = {
      findAgentRuntime: async (id) => agent.directory.findAgentRuntime(id),
      findAgentTask: async (id, taskId) => agent.directory.findAgentTask(id, taskId),
    };
    const verifier = createAssertionVerifier({ directory: remote }, { clock });
    expect(await verifier.verify(headerOf(agent), account)).toMatchObject({ agentRuntimeId: 'agent-1' });
  });
});

describe('the header', () => {
  it.each([[undefined], [null], ['']])('is asked for when it is %o', async (header) => {
    await expect(verifierOf(knownAgent()).verify(header, account)).rejects.toMatchObject({
      code: 'missing_assertion',
    });
  });

  it.each([
    ['another scheme', () => 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln'],
    ['the scheme in lower case', (header: string) => header.replace('AgentAssertion', 'agentassertion')],
    ['two values joined by a comma', (header: string) => `${header}, ${header}`],
    ['padding', (header: string) => `${header}=`],
  ])('is refused with %s', async (_what, change) => {
    const agent = knownAgent();
    await expect(verifierOf(agent).verify(change(headerOf(agent)), account)).rejects.toMatchObject({
      code: 'malformed_assertion',
    });
  });

  it('is refused, whatever text it is, with an error of the closed union', async () => {
    const verifier = verifierOf(knownAgent());
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.boolean(), async (text, withScheme) => {
        const header = withScheme ? `AgentAssertion ${text}` : text;
        const error = await verifier.verify(header, account).catch((thrown: unknown) => thrown);
        expect(isAgentIdentityError(error) && error.code).toMatch(/^(malformed|missing)_assertion$/);
      }),
    );
  });
});

describe('signature and age', () => {
  it('refuse a signature by another key', async () => {
    const agent = knownAgent();
    const header = headerOf({ ...agent, agentKey: generateAgentKey() });
    await expect(verifierOf(agent).verify(header, account)).rejects.toMatchObject({
      code: 'invalid_signature',
    });
  });

  it('refuse a member that was changed after signing', async () => {
    const agent = knownAgent();
    agent.directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-2' });
    const assertion = createAgentAssertion(agent, { clock });
    for (const change of [{ taskId: 'task-2' }, { timestamp: '2026-04-23T00:00:01Z' }]) {
      const header = formatAgentAssertion({ ...assertion, ...change });
      await expect(verifierOf(agent).verify(header, account)).rejects.toMatchObject({
        code: 'invalid_signature',
      });
    }
  });

  it('hold to 300 s either way by default, both ends included', async () => {
    const agent = knownAgent();
    const verifier = verifierOf(agent);
    await verifier.verify(headerOf(agent, now - 300_000), account);
    await verifier.verify(headerOf(agent, now + 300_000), account);
    await expect(verifier.verify(headerOf(agent, now - 301_000), account)).rejects.toMatchObject({
      code: 'assertion_expired',
    });
    await expect(verifier.verify(headerOf(agent, now + 301_000), account)).rejects.toMatchObject({
      code: 'assertion_in_future',
    });
  });

  it('hold to the window that is given', async () => {
    const agent = knownAgent();
    const verifier = verifierOf(agent, { maxAgeSeconds: 10, leewaySeconds: 5 });
    await verifier.verify(headerOf(agent, now - 10_000), account);
    await verifier.verify(headerOf(agent, now + 5000), account);
    await expect(verifier.verify(headerOf(agent, now - 11_000), account)).rejects.toMatchObject({
      code: 'assertion_expired',
    });
    await expect(verifier.verify(headerOf(agent, now + 6000), account)).rejects.toMatchObject({
      code: 'assertion_in_future',
    });
  });

  it('are judged before the runtime, the account and the task: only its own agent learns of them', async () => {
    const agent = knownAgent();
    const stranger = headerOf({ ...agent, taskId: 'no-such-task', agentKey: generateAgentKey() });
    const late = headerOf({ ...agent, taskId: 'no-such-task' }, now - 301_000);
    agent.directory.putAgentRuntime({ ...agent, publicKey: agent.agentKey.publicKey, status: 'deleted' });
    const verifier = verifierOf(agent);
    await expect(verifier.verify(stranger)).rejects.toMatchObject({ code: 'invalid_signature' });
    await expect(verifier.verify(late)).rejects.toMatchObject({ code: 'assertion_expired' });
  });
});

describe('an unknown runtime', () => {
  it('costs as many signature checks as a wrong signature: one', async () => {
    const agent = knownAgent();
    const verifier = verifierOf(agent);
    const stranger = generateAgentKey();
    const wrongSignature = headerOf({ ...agent, agentKey: stranger });
    const unknownRuntime = headerOf({ ...agent, agentKey: stranger, agentRuntimeId: 'agent-2' });
    for (const header of [wrongSignature, unknownRuntime]) {
      expect(await countSignatureChecks(() => verifier.verify(header, account).catch(() => {}))).toBe(1);
    }
    expect(await countSignatureChecks(() => verifier.verify(headerOf(agent), account))).toBe(1);
  });
});

describe('the ids', () => {
  it('are refused when no such runtime is known', async () => {
    const agent = knownAgent();
    const header = headerOf({ ...agent, agentRuntimeId: 'agent-2' });
    await expect(verifierOf(agent).verify(header, account)).rejects.toMatchObject({
      code: 'agent_runtime_not_found',
    });
  });

  it('are compared themselves, never the joined string that is signed', async () => {
    const { agentKey } = knownAgent();
    const directory = memoryDirectory();
    directory.putAgentRuntime({ agentRuntimeId: 'a', publicKey: agentKey.publicKey, ...account });
    directory.putAgentTask({ agentRuntimeId: 'a', taskId: 'b:c' });
    const signed = createAgentAssertion({ agentKey, agentRuntimeId: 'a', taskId: 'b:c' }, { clock });
    const verifier = createAssertionVerifier({ directory }, { clock });
    await verifier.verify(formatAgentAssertion(signed), account);
    const shifted = formatAgentAssertion({ ...signed, agentRuntimeId: 'a:b', taskId: 'c' });
    await expect(verifier.verify(shifted, account)).rejects.toMatchObject({
      code: 'agent_runtime_not_found',
    });
  });

  it('must be those of the entries: a directory that ignores case stands in one for another nowhere', async () => {
    const agent = knownAgent();
    const careless: AgentDirectory = {
      findAgentRuntime: (id) => agent.directory.findAgentRuntime(id.toLowerCase()),
      findAgentTask: (id, taskId) => agent.directory.findAgentTask(id, taskId.toLowerCase()),
    };
    const verifier = createAssertionVerifier({ directory: careless }, { clock });
    await verifier.verify(headerOf(agent), account);
    await expect(
      verifier.verify(headerOf({ ...agent, agentRuntimeId: 'AGENT-1' }), account),
    ).rejects.toMatchObject({ code: 'agent_runtime_not_found' });
    await expect(verifier.verify(headerOf({ ...agent, taskId: 'TASK-1' }), account)).rejects.toMatchObject({
      code: 'task_not_found',
    });
  });
});

describe('the runtime', () => {
  it.each(['deleted', 'revoked', 'expired'] as const)('is refused once it is %s', async (status) => {
    const agent = knownAgent();
    const verifier = verifierOf(agent);
    const header = headerOf(agent);
    await verifier.verify(header, account);
    agent.directory.putAgentRuntime({ ...agent, publicKey: agent.agentKey.publicKey, status });
    await expect(verifier.verify(header, account)).rejects.toMatchObject({
      code: `agent_runtime_${status}`,
    });
  });
});

describe('the account', () => {
  it('must be named by default', async () => {
    const agent = knownAgent();
    for (const context of [undefined, {}, { accountId: null }]) {
      await expect(verifierOf(agent).verify(headerOf(agent), context)).rejects.toMatchObject({
        code: 'missing_account_id',
      });
    }
  });

  it('may be left out where that is allowed', async () => {
    const agent = knownAgent();
    const verifier = verifierOf(agent, { accountMatch: 'when_given' });
    expect(await verifier.verify(headerOf(agent))).toMatchObject({ accountId: 'account-1' });
  });

  it.each(['required', 'when_given'] as const)(
    'must be the owner once it is named (%s)',
    async (accountMatch) => {
      const agent = knownAgent();
      const verifier = verifierOf(agent, { accountMatch });
      for (const accountId of ['account-2', '', 'account-1, account-1']) {
        await expect(verifier.verify(headerOf(agent), { accountId })).rejects.toMatchObject({
          code: 'account_mismatch',
        });
      }
    },
  );

  it('is judged each time, also for a header that passed before', async () => {
    const agent = knownAgent();
    const verifier = verifierOf(agent);
    await verifier.verify(headerOf(agent), account);
    await expect(verifier.verify(headerOf(agent), { accountId: 'account-2' })).rejects.toMatchObject({
      code: 'account_mismatch',
    });
  });
});

describe('the task', () => {
  it.each([
    ['expired', 'task_expired'],
    ['revoked', 'invalid_task_id'],
  ] as const)('is refused once it is %s, also for a header that passed before', async (status, code) => {
    const agent = knownAgent();
    const verifier = verifierOf(agent);
    const header = headerOf(agent);
    await verifier.verify(header, account);
    agent.directory.putAgentTask({ ...agent, status });
    await expect(verifier.verify(header, account)).rejects.toMatchObject({ code });
  });

  it("is not found when it is unknown, or another runtime's", async () => {
    const agent = knownAgent();
    const other = { agentRuntimeId: 'agent-2', publicKey: generateAgentKey().publicKey, ...account };
    agent.directory.putAgentRuntime(other);
    agent.directory.putAgentTask({ agentRuntimeId: 'agent-2', taskId: 'task-of-agent-2' });
    for (const taskId of ['no-such-task', 'task-of-agent-2']) {
      await expect(verifierOf(agent).verify(headerOf({ ...agent, taskId }), account)).rejects.toMatchObject({
        code: 'task_not_found',
      });
    }
  });
});

describe('a directory that fails', () => {
  const failure = new Error('connect ECONNREFUSED postgres://user:hunter2@db');

  it.each([
    [
      'throws',
      () => {
        throw failure;
      },
    ],
    [
      'rejects',
      async () => {
        throw failure;
      },
    ],
    [
      'is a query that rejects, and is no promise',
      // biome-ignore lint/suspicious/noThenProperty: query builders have one
      () => ({ then: (_resolve: unknown, reject: (reason: Error) => void) => reject(failure) }) as never,
    ],
  ])('and %s is unavailable, which may be retried, and is never a refusal', async (_how, fail) => {
    const agent = knownAgent();
    const header = headerOf(agent);
    for (const broken of [{ findAgentRuntime: fail }, { findAgentTask: fail }]) {
      const verifier = createAssertionVerifier({ directory: { ...agent.directory, ...broken } }, { clock });
      const error = await verifier.verify(header, account).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'directory_unavailable', retryable: true });
      expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
    }
  });

  it('is not asked about tasks by whoever has no registered key', async () => {
    const agent = knownAgent();
    const asked: string[] = [];
    const directory: AgentDirectory = {
      findAgentRuntime: (id) => agent.directory.findAgentRuntime(id),
      findAgentTask(id, taskId) {
        asked.push(taskId);
        return agent.directory.findAgentTask(id, taskId);
      },
    };
    const verifier = createAssertionVerifier({ directory }, { clock });
    await expect(
      verifier.verify(headerOf({ ...agent, agentKey: generateAgentKey() }), account),
    ).rejects.toMatchObject({ code: 'invalid_signature' });
    await expect(
      verifier.verify(headerOf({ ...agent, agentRuntimeId: 'agent-2' }), account),
    ).rejects.toMatchObject({ code: 'agent_runtime_not_found' });
    expect(asked).toEqual([]);
    await verifier.verify(headerOf(agent), account);
    expect(asked).toEqual(['task-1']);
  });
});

describe('remembered assertions', () => {
  function countedAgent() {
    const agent = knownAgent();
    const publicKey = countingKey(agent.agentKey.publicKey);
    agent.directory.putAgentRuntime({ ...agent, publicKey });
    return { agent, publicKey };
  }

  it('have their signature checked once', async () => {
    const { agent, publicKey } = countedAgent();
    const verifier = verifierOf(agent);
    for (let i = 0; i < 5; i += 1) await verifier.verify(headerOf(agent), account);
    expect(publicKey.checks()).toBe(1);
  });

  it('have it checked each time when none are to be remembered', async () => {
    const { agent, publicKey } = countedAgent();
    const verifier = verifierOf(agent, { maxRememberedAssertions: 0 });
    for (let i = 0; i < 5; i += 1) await verifier.verify(headerOf(agent), account);
    expect(publicKey.checks()).toBe(5);
  });

  it('are as many as allowed, the least recently used forgotten first', async () => {
    const { agent, publicKey } = countedAgent();
    const verifier = verifierOf(agent, { maxRememberedAssertions: 2 });
    const [first, second, third] = [0, 1000, 2000].map((later) => headerOf(agent, now + later));
    for (const header of [first, second, third]) await verifier.verify(header, account);
    await verifier.verify(third, account);
    expect(publicKey.checks()).toBe(3);
    await verifier.verify(first, account);
    expect(publicKey.checks()).toBe(4);
  });

  it('are only those that were accepted', async () => {
    const { agent, publicKey } = countedAgent();
    const verifier = verifierOf(agent);
    for (let i = 0; i < 3; i += 1) {
      await expect(verifier.verify(headerOf(agent), { accountId: 'account-2' })).rejects.toThrow();
    }
    expect(publicKey.checks()).toBe(3);
  });

  it('are dropped by a revocation, of the runtime or of the task: taken back, the signature is checked anew', async () => {
    const { agent, publicKey } = countedAgent();
    const verifier = verifierOf(agent);
    const header = headerOf(agent);
    await verifier.verify(header, account);
    for (const [i, kind] of ['runtime', 'task'].entries()) {
      const standing = (status: 'revoked' | undefined) =>
        kind === 'task'
          ? agent.directory.putAgentTask({ ...agent, status })
          : agent.directory.putAgentRuntime({ ...agent, publicKey, status });
      standing('revoked');
      await expect(verifier.verify(header, account)).rejects.toThrow('revoked');
      standing(undefined);
      await verifier.verify(header, account);
      await verifier.verify(header, account);
      expect(publicKey.checks()).toBe(2 + i);
    }
  });

  it('still expire', async () => {
    const agent = knownAgent();
    let time = now;
    const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => time });
    const header = headerOf(agent);
    await verifier.verify(header, account);
    time = now + 300_999;
    await verifier.verify(header, account);
    time = now + 301_000;
    await expect(verifier.verify(header, account)).rejects.toMatchObject({ code: 'assertion_expired' });
    time = now - 301_000;
    await expect(verifier.verify(header, account)).rejects.toMatchObject({ code: 'assertion_in_future' });
  });

  it('are worth nothing under another key of the runtime', async () => {
    const agent = knownAgent();
    const verifier = verifierOf(agent);
    const header = headerOf(agent);
    await verifier.verify(header, account);
    agent.directory.putAgentRuntime({ ...agent, publicKey: generateAgentKey().publicKey });
    await expect(verifier.verify(header, account)).rejects.toMatchObject({ code: 'invalid_signature' });
    agent.directory.putAgentRuntime({ ...agent, publicKey: agent.agentKey.publicKey });
    await verifier.verify(header, account);
  });
});

it('no refusal holds the header, an id or an account', async () => {
  const agent = knownAgent();
  const header = headerOf({ ...agent, agentRuntimeId: 'runtime-to-hide', taskId: 'task-to-hide' });
  const headers = [header, headerOf({ ...agent, taskId: 'task-to-hide' }), 'AgentAssertion c2VjcmV0'];
  for (const value of headers) {
    const error = await verifierOf(agent)
      .verify(value, { accountId: 'account-1' })
      .catch((thrown: unknown) => thrown);
    const printed = inspect(error, { depth: 9, showHidden: true });
    for (const part of ['to-hide', 'account-1', value.slice(15)]) expect(printed).not.toContain(part);
  }
});

it.each([
  ['directory', {}],
  ['directory', { directory: { findAgentRuntime() {} } }],
  ['accountMatch', { accountMatch: 'never' }],
  ['maxAgeSeconds', { maxAgeSeconds: -1 }],
  ['maxAgeSeconds', { maxAgeSeconds: Number.NaN }],
  ['leewaySeconds', { leewaySeconds: Number.POSITIVE_INFINITY }],
  ['maxRememberedAssertions', { maxRememberedAssertions: 1.5 }],
  ['maxRememberedAssertions', { maxRememberedAssertions: -1 }],
])('refuses an unusable %s when it is made: %j', (name, wrong) => {
  const valid = name === 'directory' ? {} : { directory: memoryDirectory() };
  const options = { ...valid, ...wrong } as unknown as AssertionVerifierOptions;
  expect(() => createAssertionVerifier(options)).toThrow(
    expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining(name) }),
  );
});
