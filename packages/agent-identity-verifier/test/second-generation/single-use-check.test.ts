import { AgentIdentityError, createInstanceAssertion, parseInstanceAssertion } from 'agent-identity-core';
import { memoryReplayStore, type ReplayStore, verificationFailureResponse } from 'agent-identity-verifier';
import fc from 'fast-check';
import { manualClock, printedForms } from 'test-support';
import { describe, expect, it } from 'vitest';
import { collectWarnings } from '../support/collect-warnings.js';
import { now } from '../support/known-agent.js';
import { instanceHeaderOf, knownInstance, verifierForBoth } from '../support/known-instance.js';

const account = { accountId: 'account-1' };

describe('an assertion', () => {
  it('is accepted once', async () => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance);
    const header = instanceHeaderOf(instance);
    await verifier.verify(header, account);
    for (let i = 0; i < 3; i += 1) {
      await expect(verifier.verify(header, account)).rejects.toMatchObject({
        code: 'instance_assertion_replayed',
      });
    }
  });

  it('is accepted once of 1,000 concurrent repeats', async () => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance);
    const header = instanceHeaderOf(instance);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 1000 }, () => verifier.verify(header, account)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is used up only if it is accepted', async () => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance);
    const header = instanceHeaderOf(instance);
    await expect(verifier.verify(header, { accountId: 'account-2' })).rejects.toMatchObject({
      code: 'actor_mismatch',
    });
    instance.change({ status: 'suspended' });
    await expect(verifier.verify(header, account)).rejects.toMatchObject({
      code: 'runtime_instance_suspended',
    });
    instance.change({});
    await verifier.verify(header, account);
  });

  it('of another instance may have the same id', async () => {
    const instance = knownInstance();
    const randomUuid = () => '0b0a3b0e-7a6b-4d4f-9c53-3f3c8f1a2b10';
    const ids = ['rai-1', 'rai-2'];
    for (const runtimeAgentInstanceId of ids) instance.change({ runtimeAgentInstanceId });
    const verifier = verifierForBoth(instance);
    for (const runtimeAgentInstanceId of ids) {
      const subject = { agentKey: instance.agentKey, runtimeAgentInstanceId };
      const assertion = createInstanceAssertion(subject, { clock: () => now, randomUuid });
      await verifier.verify(`AgentAssertion ${assertion}`, account);
      const later = createInstanceAssertion(subject, { clock: () => now + 1000, randomUuid });
      await expect(verifier.verify(`AgentAssertion ${later}`, account)).rejects.toMatchObject({
        code: 'instance_assertion_replayed',
      });
    }
  });

  it('is accepted at most once for each id, whatever comes in which order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9), { minLength: 1, maxLength: 60 }), async (order) => {
        const instance = knownInstance();
        const verifier = verifierForBoth(instance);
        const headers = Array.from({ length: 10 }, () => instanceHeaderOf(instance));
        const accepted = await Promise.all(
          order.map((i) =>
            verifier.verify(headers[i] ?? '', account).then(
              (agent) => ('assertionId' in agent ? agent.assertionId : ''),
              () => undefined,
            ),
          ),
        );
        const ids = accepted.filter((id) => id !== undefined);
        expect(ids).toHaveLength(new Set(order).size);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the replay store', () => {
  it('gets the escaped ids as key, and the time for which any node may accept the assertion', async () => {
    const runtimeAgentInstanceId = 'rai/1…\0';
    const instance = { ...knownInstance(), runtimeAgentInstanceId };
    instance.change({ runtimeAgentInstanceId });
    const marked: unknown[][] = [];
    const replayStore: ReplayStore = { markUsed: (...args) => marked.push(args) > 0 };
    const header = instanceHeaderOf(instance);
    await verifierForBoth(instance, { replayStore }).verify(header, account);
    const instanceWindow = { maxAgeSeconds: 30, leewaySeconds: 5 };
    await verifierForBoth(instance, { replayStore, instanceWindow }).verify(header, account);
    const key = `rai%2F1%E2%80%A6%00:${parseInstanceAssertion(header).id}`;
    expect(marked).toEqual([
      [key, 181],
      [key, 41],
    ]);
  });

  it('in memory keeps an assertion from being used again as long as any node can accept it', async () => {
    const instance = knownInstance();
    const { clock: monotonicClock, advance } = manualClock(0);
    const replayStore = memoryReplayStore({}, { monotonicClock });
    // Signed as far ahead as possible, by a node whose clock is as far behind as possible.
    const header = instanceHeaderOf(instance, now + 60_000);
    const verifier = verifierForBoth(instance, { replayStore });
    await verifier.verify(header, account);
    advance(180.999);
    await expect(verifier.verify(header, account)).rejects.toMatchObject({
      code: 'instance_assertion_replayed',
    });
  });

  it('that fails with an error of this family has it as the cause', async () => {
    const instance = knownInstance();
    const cause = new AgentIdentityError('timed_out', 'the store took too long');
    const replayStore = { markUsed: () => Promise.reject(cause) };
    const verifier = verifierForBoth(instance, { replayStore, onFailure: () => {} });
    const error = await verifier
      .verify(instanceHeaderOf(instance), account)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'replay_store_unavailable', cause });
  });

  const failure = new Error('connect ECONNREFUSED redis://user:hunter2@redis');

  it.each([
    [
      'throws',
      () => {
        throw failure;
      },
    ],
    ['rejects', () => Promise.reject(failure)],
    ['returns no boolean', () => 'OK' as never],
    ['resolves to nothing', async () => undefined as never],
  ])('that %s causes a retryable 503 by default, and is reported', async (_how, markUsed) => {
    const instance = knownInstance();
    const failures: unknown[] = [];
    const verifier = verifierForBoth(instance, {
      replayStore: { markUsed },
      onFailure: (error, source) => failures.push(source, error),
    });
    const error = await verifier
      .verify(instanceHeaderOf(instance), account)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'replay_store_unavailable', retryable: true });
    expect(printedForms(error)).not.toContain('hunter2');
    expect(verificationFailureResponse(error)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    });
    expect(failures).toEqual(['replay_store', expect.any(Error)]);
  });

  it('that fails lets requests pass with onReplayStoreFailure accept, and is reported', async () => {
    const instance = knownInstance();
    const failures: unknown[] = [];
    const verifier = verifierForBoth(instance, {
      replayStore: { markUsed: () => Promise.reject(failure) },
      onReplayStoreFailure: 'accept',
      onFailure: (error, source) => failures.push(source, error),
    });
    const header = instanceHeaderOf(instance);
    for (let i = 0; i < 2; i += 1) {
      expect(await verifier.verify(header, account)).toMatchObject({ generation: 2 });
    }
    expect(failures).toEqual(['replay_store', failure, 'replay_store', failure]);
  });

  it('that says that an assertion was used is believed with onReplayStoreFailure accept too', async () => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance, {
      replayStore: { markUsed: () => false },
      onReplayStoreFailure: 'accept',
    });
    await expect(verifier.verify(instanceHeaderOf(instance), account)).rejects.toMatchObject({
      code: 'instance_assertion_replayed',
    });
  });

  it.each(['refuse', 'accept'] as const)(
    'that is full refuses with a retryable 503, also with onReplayStoreFailure %s',
    async (onReplayStoreFailure) => {
      const instance = knownInstance();
      const verifier = verifierForBoth(instance, {
        replayStore: memoryReplayStore({ maxEntries: 1 }),
        onReplayStoreFailure,
        onFailure: () => {},
      });
      await verifier.verify(instanceHeaderOf(instance), account);
      const error = await verifier
        .verify(instanceHeaderOf(instance), account)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'replay_store_full', retryable: true });
      expect(verificationFailureResponse(error)).toMatchObject({
        status: 503,
        headers: { 'retry-after': '1' },
        body: { error: { code: 'replay_store_unavailable' } },
      });
    },
  );

  it('that fails is a process warning without onFailure, without the content of the error', async () => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance, {
      replayStore: {
        markUsed: () => Promise.reject(Object.assign(failure, { code: 'ECONNREFUSED' })),
      },
    });
    const warnings = await collectWarnings(async () => {
      for (let i = 0; i < 2; i += 1) {
        await expect(verifier.verify(instanceHeaderOf(instance), account)).rejects.toThrow();
      }
    });
    expect(warnings).toEqual([
      'the replay store failed: Error (ECONNREFUSED). The option onFailure receives the error itself',
    ]);
  });
});
