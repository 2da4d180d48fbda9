import { inspect } from 'node:util';
import { createAgentAssertion, formatAgentAssertion, generateAgentKey } from 'agent-identity-core';
import {
  type AgentDirectory,
  type CreateAssertionVerifierOptions,
  createAssertionVerifier,
  isAgentIdentityError,
  memoryDirectory,
  memoryReplayStore,
  type VerifiedAgent,
  type VerifiedAgentInstance,
  type VerifiedAgentRuntime,
  verificationFailureResponse,
} from 'agent-identity-verifier';
import fc from 'fast-check';
import { printedForms, thrownBy } from 'test-support';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { collectWarnings } from './support/collect-warnings.js';
import { countSignatureChecks } from './support/count-signature-checks.js';
import { countingKey, headerOf, type KnownAgent, knownAgent, now } from './support/known-agent.js';
import { wallClockJumps } from './support/wall-clock.js';

const clock = () => now;
const account = { accountId: 'account-1' };

function verifierOf({ directory }: KnownAgent, options: Partial<CreateAssertionVerifierOptions<1>> = {}) {
  return createAssertionVerifier({ directory, ...options }, { clock });
}

describe('a valid assertion of a known runtime and task', () => {
  it('identifies the agent', async () => {
    const agent = knownAgent();
    expect(await verifierOf(agent).verify(headerOf(agent), account)).toEqual({
      generation: 1,
      agentRuntimeId: 'agent-1',
      taskId: 'task-1',
      accountId: 'account-1',
      capabilities: [],
      labels: {},
      lineage: [],
      signedAt: '2026-04-23T00:00:00Z',
    });
  });

  it('verifies any number of times inside its window', async () => {
    const agent = knownAgent();
    const verifier = verifierOf(agent);
    const header = headerOf(agent);
    const answers = await Promise.all(Array.from({ length: 20 }, () => verifier.verify(header, account)));
    expect(new Set(answers.map((answer) => answer.taskId))).toEqual(new Set(['task-1']));
  });

  it('verifies for each of several active tasks of one runtime', async () => {
    const agent = knownAgent();
    agent.directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-2' });
    const verifier = verifierOf(agent);
    expect(await verifier.verify(headerOf(agent), account)).toMatchObject({ taskId: 'task-1' });
    const second = { ...agent, taskId: 'task-2' };
    expect(await verifier.verify(headerOf(second), account)).toMatchObject({ taskId: 'task-2' });
  });

  it('grants nothing if the directory knows no capabilities', async () => {
    const agent = knownAgent();
    const { findAgentTask } = agent.directory;
    const { publicKey } = agent.agentKey;
    const runtime = {
      agentRuntimeId: 'agent-1',
      publicKey,
      accountId: 'account-1',
      status: 'active',
    } as const;
    const verifier = createAssertionVerifier(
      { directory: { findAgentTask, findAgentRuntime: () => runtime } },
      { clock },
    );
    expect(await verifier.verify(headerOf(agent), account)).toMatchObject({ capabilities: [] });
  });

  it('verifies with a directory that answers asynchronously', async () => {
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
  it.each([[undefined], [null], ['']])(
    'is required: %o is refused with missing_assertion',
    async (header) => {
      await expect(verifierOf(knownAgent()).verify(header, account)).rejects.toMatchObject({
        code: 'missing_assertion',
      });
    },
  );

  it.each([
    ['the scheme in lower case', (header: string) => header.replace('AgentAssertion', 'agentassertion')],
    ['two values joined by a comma', (header: string) => `${header}, ${header}`],
    ['padding', (header: string) => `${header}=`],
  ])('is refused with malformed_assertion if it has %s', async (_what, change) => {
    const agent = knownAgent();
    await expect(verifierOf(agent).verify(change(headerOf(agent)), account)).rejects.toMatchObject({
      code: 'malformed_assertion',
    });
  });

  it('is refused with a code of the closed union for every other text', async () => {
    const verifier = verifierOf(knownAgent());
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.boolean(), async (text, withScheme) => {
        const header = withScheme ? `AgentAssertion ${text}` : text;
        const error = await verifier.verify(header, account).catch((thrown: unknown) => thrown);
        expect(isAgentIdentityError(error) && error.code).toMatch(
          /^(malformed_assertion|missing_assertion|unsupported_scheme|generation_not_accepted)$/,
        );
      }),
    );
  });
});

describe('the checks of signature and age', () => {
  it('refuse a signature of another key', async () => {
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

  it('allow 300 s in both directions by default, inclusive', async () => {
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

  it('apply the window of the options', async () => {
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

  it('come before runtime, account and task, so that only the agent itself learns about those', async () => {
    const agent = knownAgent();
    const stranger = headerOf({ ...agent, taskId: 'no-such-task', agentKey: generateAgentKey() });
    const late = headerOf({ ...agent, taskId: 'no-such-task' }, now - 301_000);
    agent.change({ status: 'deleted' });
    const verifier = verifierOf(agent);
    await expect(verifier.verify(stranger)).rejects.toMatchObject({ code: 'invalid_signature' });
    await expect(verifier.verify(late)).rejects.toMatchObject({ code: 'assertion_expired' });
  });
});

describe('an unknown runtime', () => {
  it('costs one signature check, like an invalid signature', async () => {
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
  it('are refused if the directory has no such runtime', async () => {
    const agent = knownAgent();
    const header = headerOf({ ...agent, agentRuntimeId: 'agent-2' });
    await expect(verifierOf(agent).verify(header, account)).rejects.toMatchObject({
      code: 'agent_runtime_not_found',
    });
  });

  it('are compared separately, never as the joined string that is signed', async () => {
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

  it('must equal those of the entries, also with a directory that ignores case', async () => {
    const agent = knownAgent();
    const caseInsensitive: AgentDirectory = {
      findAgentRuntime: (id) => agent.directory.findAgentRuntime(id.toLowerCase()),
      findAgentTask: (id, taskId) => agent.directory.findAgentTask(id, taskId.toLowerCase()),
    };
    const verifier = createAssertionVerifier({ directory: caseInsensitive }, { clock });
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
  it.each(['deleted', 'revoked', 'expired'] as const)('is refused when it is %s', async (status) => {
    const agent = knownAgent();
    const verifier = verifierOf(agent);
    const header = headerOf(agent);
    await verifier.verify(header, account);
    agent.change({ status });
    await expect(verifier.verify(header, account)).rejects.toMatchObject({
      code: `agent_runtime_${status}`,
    });
  });
});

describe('the account', () => {
  it('is required by default', async () => {
    const agent = knownAgent();
    for (const context of [undefined, {}, { accountId: null }]) {
      await expect(verifierOf(agent).verify(headerOf(agent), context)).rejects.toMatchObject({
        code: 'missing_account_id',
      });
    }
  });

  it('is optional with accountMatch when_given', async () => {
    const agent = knownAgent();
    const verifier = verifierOf(agent, { accountMatch: 'when_given' });
    expect(await verifier.verify(headerOf(agent))).toMatchObject({ accountId: 'account-1' });
  });

  it.each(['required', 'when_given'] as const)(
    'must own the runtime if the request names it (%s)',
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

  it('is checked each time, also for a header that passed before', async () => {
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
  ] as const)('is refused when it is %s, also for a header that passed before', async (status, code) => {
    const agent = knownAgent();
    const verifier = verifierOf(agent);
    const header = headerOf(agent);
    await verifier.verify(header, account);
    agent.directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1', status });
    await expect(verifier.verify(header, account)).rejects.toMatchObject({ code });
  });

  it('is not found if it is unknown or belongs to another runtime', async () => {
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

describe('a directory', () => {
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
      'returns a query that rejects and is not a promise',
      // biome-ignore lint/suspicious/noThenProperty: query builders have one
      () => ({ then: (_resolve: unknown, reject: (reason: Error) => void) => reject(failure) }) as never,
    ],
  ])('that %s causes a retryable directory_unavailable and never a refusal', async (_how, fail) => {
    const agent = knownAgent();
    const header = headerOf(agent);
    for (const broken of [{ findAgentRuntime: fail }, { findAgentTask: fail }]) {
      const verifier = createAssertionVerifier(
        { directory: { ...agent.directory, ...broken }, onFailure: () => {} },
        { clock },
      );
      const error = await verifier.verify(header, account).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'directory_unavailable', retryable: true });
      expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
    }
  });

  it('gets no task look-up from a caller without a registered key', async () => {
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

describe('a cached assertion', () => {
  function countedAgent() {
    const agent = knownAgent();
    const publicKey = countingKey(agent.agentKey.publicKey);
    agent.change({ publicKey });
    return { agent, publicKey };
  }

  it('has its signature checked once', async () => {
    const { agent, publicKey } = countedAgent();
    const verifier = verifierOf(agent);
    for (let i = 0; i < 5; i += 1) await verifier.verify(headerOf(agent), account);
    expect(publicKey.checks()).toBe(1);
  });

  it('has its signature checked each time if the cache has size 0', async () => {
    const { agent, publicKey } = countedAgent();
    const verifier = verifierOf(agent, { maxCachedAssertions: 0 });
    for (let i = 0; i < 5; i += 1) await verifier.verify(headerOf(agent), account);
    expect(publicKey.checks()).toBe(5);
  });

  it('is evicted if it is the least recently used', async () => {
    const { agent, publicKey } = countedAgent();
    const verifier = verifierOf(agent, { maxCachedAssertions: 2 });
    const [first, second, third] = [0, 1000, 2000].map((later) => headerOf(agent, now + later));
    for (const header of [first, second, third]) await verifier.verify(header, account);
    await verifier.verify(third, account);
    expect(publicKey.checks()).toBe(3);
    await verifier.verify(first, account);
    expect(publicKey.checks()).toBe(4);
  });

  it('was accepted before: a refused one is not cached', async () => {
    const { agent, publicKey } = countedAgent();
    const verifier = verifierOf(agent);
    for (let i = 0; i < 3; i += 1) {
      await expect(verifier.verify(headerOf(agent), { accountId: 'account-2' })).rejects.toThrow();
    }
    expect(publicKey.checks()).toBe(3);
  });

  it('is dropped by a revocation of the runtime or the task, so that its signature is checked again afterwards', async () => {
    const { agent, publicKey } = countedAgent();
    const verifier = verifierOf(agent);
    const header = headerOf(agent);
    await verifier.verify(header, account);
    for (const [i, kind] of ['runtime', 'task'].entries()) {
      const setStatus = (status: 'revoked' | undefined) =>
        kind === 'task'
          ? agent.directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1', status })
          : agent.change({ publicKey, status });
      setStatus('revoked');
      await expect(verifier.verify(header, account)).rejects.toThrow('revoked');
      setStatus(undefined);
      await verifier.verify(header, account);
      await verifier.verify(header, account);
      expect(publicKey.checks()).toBe(2 + i);
    }
  });

  it('expires like any other', async () => {
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

  it('is refused if the runtime gets another key', async () => {
    const agent = knownAgent();
    const verifier = verifierOf(agent);
    const header = headerOf(agent);
    await verifier.verify(header, account);
    agent.change({ publicKey: generateAgentKey().publicKey });
    await expect(verifier.verify(header, account)).rejects.toMatchObject({ code: 'invalid_signature' });
    agent.change({});
    await verifier.verify(header, account);
  });
});

it('the error of a refusal contains neither the header nor an id nor the account', async () => {
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

describe('another scheme than AgentAssertion', () => {
  it.each([
    ['Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln', 'Bearer'],
    ['bearer at-0123456789', 'Bearer'],
    ['Basic dXNlcjpwYXNz', 'Basic'],
    ['Bearer', 'Bearer'],
    ['sk-live-0123456789', 'another scheme or none'],
    ['Token sk-live-0123456789', 'another scheme or none'],
    ['AgentAssertions eyJh', 'another scheme or none'],
  ])('is refused with unsupported_scheme and without its credentials: %s', async (header, named) => {
    const error = await thrownBy(() => verifierOf(knownAgent()).verify(header, account));
    expect(error.code).toBe('unsupported_scheme');
    expect(error.message).toContain(`got ${named};`);
    expect(verificationFailureResponse(error)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'AgentAssertion' },
      body: { error: { code: 'unsupported_scheme' } },
    });
    for (const part of header.split(' ').slice(named === 'Bearer' || named === 'Basic' ? 1 : 0)) {
      expect(printedForms(error)).not.toContain(part);
    }
  });

  it.each(['AgentAssertion', 'agentassertion eyJh', 'AGENTASSERTION eyJh'])(
    'is not %s, which is malformed',
    async (header) => {
      const error = await thrownBy(() => verifierOf(knownAgent()).verify(header, account));
      expect(error.code).toBe('malformed_assertion');
    },
  );
});

describe.each(wallClockJumps)('the wall clock jumps %s, and', (_jump, seconds) => {
  it.each(['runtime', 'task'] as const)(
    'a revoked %s stays revoked, also for a cached assertion',
    async (kind) => {
      const agent = knownAgent();
      let time = now;
      const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => time });
      const headers = [headerOf(agent), headerOf(agent, now + seconds * 1000)];
      await verifier.verify(headers[0], account);
      if (kind === 'runtime') agent.change({ status: 'revoked' });
      else agent.directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1', status: 'revoked' });
      for (time of [now, now + seconds * 1000, now]) {
        for (const header of headers) {
          const { code } = await thrownBy(() => verifier.verify(header, account));
          expect(code).toMatch(
            /^(agent_runtime_revoked|invalid_task_id|assertion_expired|assertion_in_future)$/,
          );
        }
      }
    },
  );

  it('an assertion of the right time is accepted again when the clock is right again', async () => {
    const agent = knownAgent();
    let time = now;
    const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => time });
    await verifier.verify(headerOf(agent), account);
    time = now + seconds * 1000;
    await expect(verifier.verify(headerOf(agent), account)).rejects.toMatchObject({
      code: seconds > 0 ? 'assertion_expired' : 'assertion_in_future',
    });
    time = now;
    await verifier.verify(headerOf(agent), account);
  });
});

describe('a failure of your own directory', () => {
  const failure = Object.assign(new RangeError('postgres://user:hunter2@db'), { code: 'ECONNREFUSED' });
  const failing: AgentDirectory = {
    findAgentRuntime: async () => {
      throw failure;
    },
    findAgentTask: () => undefined,
  };
  const verifyWith = (options: CreateAssertionVerifierOptions, monotonicClock = () => 0) => {
    const verifier = createAssertionVerifier(options, { clock, monotonicClock });
    return () => thrownBy(() => verifier.verify(headerOf(knownAgent()), account));
  };

  it('is passed to onFailure as it was thrown', async () => {
    const failures: unknown[] = [];
    const verify = verifyWith({ directory: failing, onFailure: (error) => failures.push(error) });
    expect(await collectWarnings(verify)).toEqual([]);
    expect(failures).toEqual([failure]);
    expect(failures[0]).toBe(failure);
  });

  it('is a process warning by default, at most once a minute and without its message', async () => {
    let time = 0;
    const verify = verifyWith({ directory: failing }, () => time);
    const warning =
      'the agent directory failed: RangeError (ECONNREFUSED). The option onFailure receives the error itself';
    expect(await collectWarnings(verify)).toEqual([warning]);
    time = 59_999;
    expect(await collectWarnings(verify)).toEqual([]);
    time = 60_000;
    expect(await collectWarnings(verify)).toEqual([warning]);
  });

  it('can be a runtime whose key is an OpenSSH line', async () => {
    const { publicKey } = generateAgentKey();
    const failures: unknown[] = [];
    const verify = verifyWith({
      directory: {
        ...failing,
        findAgentRuntime: (agentRuntimeId) =>
          ({ agentRuntimeId, publicKey: publicKey.ssh, accountId: 'account-1', status: 'active' }) as never,
      },
      onFailure: (error) => failures.push(error),
    });
    expect(await verify()).toMatchObject({ code: 'directory_unavailable' });
    expect(failures).toMatchObject([{ message: expect.stringContaining('expected an AgentPublicKey') }]);
  });

  it('stays directory_unavailable if onFailure throws', async () => {
    const verify = verifyWith({
      directory: failing,
      onFailure: () => {
        throw new Error('the log is full');
      },
    });
    expect(await verify()).toMatchObject({ code: 'directory_unavailable', retryable: true });
  });
});

it('the type of the agent follows from generations', () => {
  const directory = memoryDirectory();
  const first = createAssertionVerifier({ directory });
  const second = createAssertionVerifier({ directory, generations: [2] });
  const both = createAssertionVerifier({ directory, generations: [1, 2] });
  const options: CreateAssertionVerifierOptions = { directory };
  const either = createAssertionVerifier(options);
  expectTypeOf<Awaited<ReturnType<typeof first.verify>>>().toEqualTypeOf<VerifiedAgentRuntime>();
  expectTypeOf<Awaited<ReturnType<typeof second.verify>>>().toEqualTypeOf<VerifiedAgentInstance>();
  expectTypeOf<Awaited<ReturnType<typeof both.verify>>>().toEqualTypeOf<VerifiedAgent>();
  expectTypeOf<Awaited<ReturnType<typeof either.verify>>>().toEqualTypeOf<VerifiedAgent>();
});

it('verify refuses an unknown member of its context', async () => {
  const agent = knownAgent();
  const context = { accountID: 'account-2' } as { accountId?: string };
  const verify = () => verifierOf(agent, { accountMatch: 'when_given' }).verify(headerOf(agent), context);
  expect(await thrownBy(verify)).toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining('did you mean "accountId"'),
  });
});

it.each([
  ['an unknown effect', { now: clock }, 'unknown member "now"'],
  ['a clock that is not a function', { clock: now }, 'effects.clock'],
])('createAssertionVerifier refuses %s', (_what, effects, message) => {
  const { directory } = knownAgent();
  expect(thrownBy(() => createAssertionVerifier({ directory }, effects as object))).toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining(message),
  });
});

it.each([
  ['directory', {}],
  ['directory', { directory: { findAgentRuntime() {} } }],
  ['directory', { directory: 'agents.json' }],
  ['onFailure', { onFailure: 'log' }],
  ['unknown member "maxAgeSecond"; did you mean "maxAgeSeconds"', { maxAgeSecond: 5 }],
  ['accountMatch', { accountMatch: 'never' }],
  ['maxAgeSeconds', { maxAgeSeconds: -1 }],
  ['maxAgeSeconds', { maxAgeSeconds: Number.NaN }],
  ['leewaySeconds', { leewaySeconds: Number.POSITIVE_INFINITY }],
  ['maxCachedAssertions', { maxCachedAssertions: 1.5 }],
  ['maxCachedAssertions', { maxCachedAssertions: -1 }],
  ['generations: expected a list of 1, 2 or both', { generations: [] }],
  ['generations: expected a list of 1, 2 or both', { generations: 2 }],
  ['generations: expected a list of 1, 2 or both', { generations: [1, 3] }],
  ['generations: expected a list of 1, 2 or both', { generations: ['2'] }],
  ['instanceWindow.maxAgeSeconds', { generations: [2], instanceWindow: { maxAgeSeconds: -1 } }],
  ['instanceWindow: unknown member', { generations: [2], instanceWindow: { maxAge: 1 } }],
  ['replayStore: expected a ReplayStore', { generations: [2], replayStore: new Map() }],
  [
    'onReplayStoreFailure: expected "refuse" or "accept"',
    { generations: [2], onReplayStoreFailure: 'allow' },
  ],
  ['verifyBearer: expected a function', { generations: [2], verifyBearer: 'token' }],
  ['replayStore: expected generations to include 2', { replayStore: memoryReplayStore() }],
  ['verifyBearer: expected generations to include 2', { verifyBearer: () => undefined }],
  ['onReplayStoreFailure: expected generations to include 2', { onReplayStoreFailure: 'refuse' }],
  ['instanceWindow: expected generations to include 2', { generations: [1], instanceWindow: {} }],
  [
    'without the method findRuntimeAgentInstance',
    { generations: [1, 2], directory: { findAgentRuntime() {}, findAgentTask() {} } },
  ],
])('createAssertionVerifier refuses an invalid %s: %j', (name, wrong) => {
  const valid = name === 'directory' ? {} : { directory: memoryDirectory() };
  const options = { ...valid, ...wrong } as unknown as CreateAssertionVerifierOptions;
  expect(() => createAssertionVerifier(options)).toThrow(
    expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining(name) }),
  );
});
