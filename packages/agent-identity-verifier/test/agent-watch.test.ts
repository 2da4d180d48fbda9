import {
  type AgentDirectory,
  createAssertionVerifier,
  type VerifiedAgentRuntime,
} from 'agent-identity-verifier';
import { thrownBy } from 'test-support';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { headerOf, type KnownAgent, knownAgent, now } from './support/known-agent.js';
import { instanceHeaderOf, knownInstance } from './support/known-instance.js';

afterEach(() => vi.useRealTimers());

async function verified(agent: KnownAgent, directory: AgentDirectory = agent.directory) {
  const verifier = createAssertionVerifier({ directory, onFailure: () => {} }, { clock: () => now });
  const found = await verifier.verify(headerOf(agent), { accountId: 'account-1' });
  return { verifier, agent: found as VerifiedAgentRuntime };
}

const reasonOf = (ended: AbortSignal) =>
  vi.waitFor(() => expect(ended.aborted).toBe(true)).then(() => ended.reason);

describe('watch', () => {
  it.each([
    [
      'the runtime is revoked',
      'agent_runtime_revoked',
      (agent: KnownAgent) => agent.change({ status: 'revoked' }),
    ],
    [
      'the runtime expires',
      'agent_runtime_expired',
      (agent: KnownAgent) => agent.change({ status: 'expired' }),
    ],
    [
      'the task is revoked',
      'invalid_task_id',
      ({ directory }: KnownAgent) =>
        directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1', status: 'revoked' }),
    ],
    [
      'the runtime moves to another account',
      'account_mismatch',
      ({ directory, agentKey: { publicKey } }: KnownAgent) =>
        directory.putAgentRuntime({ agentRuntimeId: 'agent-1', publicKey, accountId: 'account-2' }),
    ],
  ])('aborts every signal of the agent when %s', async (_what, code, change) => {
    const known = knownAgent();
    const { verifier, agent } = await verified(known);
    const signals = [verifier.watch(agent), verifier.watch({ ...agent })];
    await Promise.resolve();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    change(known);
    for (const ended of signals) expect(await reasonOf(ended)).toMatchObject({ code });
  });

  it('aborts for an agent that ended before it was watched', async () => {
    const known = knownAgent();
    const { verifier, agent } = await verified(known);
    known.change({ status: 'deleted' });
    expect(await reasonOf(verifier.watch(agent))).toMatchObject({ code: 'agent_runtime_deleted' });
  });

  it('aborts when the directory does not know the runtime any more', async () => {
    const known = knownAgent();
    let isKnown = true;
    const { findAgentRuntime, findAgentTask } = known.directory;
    const directory = {
      findAgentTask,
      findAgentRuntime: (id: string) => (isKnown ? findAgentRuntime(id) : undefined),
    };
    const { verifier, agent } = await verified(known, directory);
    isKnown = false;
    expect(await reasonOf(verifier.watch(agent))).toMatchObject({ code: 'agent_runtime_not_found' });
  });

  it('aborts for an instance of the second generation', async () => {
    const known = knownInstance();
    const verifier = createAssertionVerifier(
      { directory: known.directory, generations: [2] },
      { clock: () => now },
    );
    const agent = await verifier.verify(instanceHeaderOf(known), { accountId: 'account-1' });
    const ended = verifier.watch(agent);
    known.change({ status: 'suspended' });
    expect(await reasonOf(ended)).toMatchObject({ code: 'runtime_instance_suspended' });
  });

  it('aborts when the directory does not know the instance any more', async () => {
    const known = knownInstance();
    let isKnown = true;
    const findRuntimeAgentInstance = (id: string) =>
      isKnown ? known.directory.findRuntimeAgentInstance?.(id) : undefined;
    const directory = { ...known.directory, findRuntimeAgentInstance };
    const verifier = createAssertionVerifier({ directory, generations: [2] }, { clock: () => now });
    const agent = await verifier.verify(instanceHeaderOf(known), { accountId: 'account-1' });
    isKnown = false;
    expect(await reasonOf(verifier.watch(agent))).toMatchObject({ code: 'runtime_instance_not_found' });
  });

  it('does not ask about other agents when one changes', async () => {
    const known = knownAgent();
    const { publicKey } = known.agentKey;
    const lookUps: string[] = [];
    const { verifier, agent } = await verified(known, {
      ...known.directory,
      findAgentRuntime(id) {
        lookUps.push(id);
        return known.directory.findAgentRuntime(id);
      },
    });
    verifier.watch(agent);
    lookUps.length = 0;
    known.directory.putAgentRuntime({ agentRuntimeId: 'agent-2', publicKey, accountId: 'account-1' });
    expect(lookUps).toEqual([]);
    known.change({});
    expect(lookUps).toEqual(['agent-1']);
  });

  it('asks a directory without subscribe every two seconds, and an outage ends nothing', async () => {
    vi.useFakeTimers();
    const known = knownAgent();
    const { findAgentRuntime, findAgentTask } = known.directory;
    let isDown = false;
    const { verifier, agent } = await verified(known, {
      findAgentTask,
      findAgentRuntime(id) {
        if (isDown) throw new Error('down');
        return findAgentRuntime(id);
      },
    });
    const ended = verifier.watch(agent);
    isDown = true;
    known.change({ status: 'revoked' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended.aborted).toBe(false);
    isDown = false;
    await vi.advanceTimersByTimeAsync(2000);
    expect(ended.reason).toMatchObject({ code: 'agent_runtime_revoked' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops when the caller says that the connection has closed', async () => {
    vi.useFakeTimers();
    const known = knownAgent();
    const { verifier, agent } = await verified(known);
    const connections = [new AbortController(), new AbortController()];
    const signals = connections.map(({ signal }) => verifier.watch(agent, { signal }));
    connections[0]?.abort();
    expect(vi.getTimerCount()).toBe(1);
    connections[1]?.abort();
    expect(vi.getTimerCount()).toBe(0);
    known.change({ status: 'revoked' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    expect(verifier.watch(agent, { signal: AbortSignal.abort() }).aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses what is not an agent, and options that it does not have', async () => {
    const { verifier, agent } = await verified(knownAgent());
    expect(thrownBy(() => verifier.watch(undefined as never))).toMatchObject({ code: 'invalid_argument' });
    expect(thrownBy(() => verifier.watch(agent, { timeout: 1 } as object))).toMatchObject({
      code: 'invalid_argument',
    });
  });
});
