import { generateAgentKey, parseInstanceAssertion } from 'agent-identity-core';
import { type AgentDirectory, createAssertionVerifier } from 'agent-identity-verifier';
import fc from 'fast-check';
import { printedForms } from 'test-support';
import { describe, expect, it } from 'vitest';
import { countSignatureChecks } from '../support/count-signature-checks.js';
import { headerOf, knownAgent, now } from '../support/known-agent.js';
import {
  assertionOf,
  instanceHeaderOf,
  knownInstance,
  platformActor,
  verifierForBoth,
} from '../support/known-instance.js';

const account = { accountId: 'account-1' };

describe('a valid assertion of a known instance', () => {
  it('identifies the instance, its host and its actor', async () => {
    const instance = knownInstance();
    const header = instanceHeaderOf(instance);
    expect(await verifierForBoth(instance).verify(header, account)).toEqual({
      generation: 2,
      runtimeAgentInstanceId: 'rai-1',
      agentHostId: 'host-1',
      actor: { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' },
      accountId: 'account-1',
      capabilities: [],
      signedAt: '2026-04-23T00:00:00Z',
      assertionId: parseInstanceAssertion(header).id,
    });
  });

  it('of a platform actor has no account', async () => {
    const instance = knownInstance(platformActor);
    const agent = await verifierForBoth(instance).verify(instanceHeaderOf(instance));
    expect(agent).toMatchObject({ actor: platformActor, accountId: undefined });
  });

  it('verifies beside assertions of the first generation, with one verifier', async () => {
    const runtime = knownAgent();
    const instance = knownInstance();
    const directory: AgentDirectory = {
      findAgentRuntime: (id) => runtime.directory.findAgentRuntime(id),
      findAgentTask: (id, taskId) => runtime.directory.findAgentTask(id, taskId),
      findRuntimeAgentInstance: async (id) => instance.directory.findRuntimeAgentInstance(id),
    };
    const verifier = createAssertionVerifier({ directory, generations: [1, 2] }, { clock: () => now });
    expect(await verifier.verify(headerOf(runtime), account)).toMatchObject({
      generation: 1,
      taskId: 'task-1',
    });
    expect(await verifier.verify(instanceHeaderOf(instance), account)).toMatchObject({ generation: 2 });
    expect(await verifier.verify(headerOf(runtime), account)).toMatchObject({ generation: 1 });
  });

  it('verifies for an id with any characters, compared exactly', async () => {
    const instance = knownInstance();
    const id = 'RAI/…"\\ \u0000';
    instance.change({ runtimeAgentInstanceId: id });
    const caseInsensitive: AgentDirectory = {
      ...instance.directory,
      findRuntimeAgentInstance: (asked) => instance.directory.findRuntimeAgentInstance(asked.toUpperCase()),
    };
    const verifier = verifierForBoth({ directory: caseInsensitive as typeof instance.directory });
    const signer = { ...instance, runtimeAgentInstanceId: id };
    expect(await verifier.verify(instanceHeaderOf(signer), account)).toMatchObject({
      runtimeAgentInstanceId: id,
    });
    const lower = { ...instance, runtimeAgentInstanceId: id.toLowerCase() };
    await expect(verifier.verify(instanceHeaderOf(lower), account)).rejects.toMatchObject({
      code: 'runtime_instance_not_found',
    });
  });
});

describe('generations', () => {
  it('are only the first by default', async () => {
    const { directory } = knownInstance();
    const verifier = createAssertionVerifier({ directory }, { clock: () => now });
    const instance = { ...knownInstance(), directory };
    for (const attempt of [
      verifier.verify(instanceHeaderOf(instance), account),
      verifier.verify('Bearer token', { ...account, instanceAssertion: assertionOf(instance) }),
      verifier.verify(undefined, { instanceAssertion: assertionOf(instance) }),
    ]) {
      await expect(attempt).rejects.toMatchObject({
        code: 'generation_not_accepted',
        message: 'expected an assertion of generation 1, got one of generation 2',
      });
    }
  });

  it('can be only the second', async () => {
    const instance = knownInstance();
    const { directory } = instance;
    const verifier = createAssertionVerifier({ directory, generations: [2] }, { clock: () => now });
    expect(await verifier.verify(instanceHeaderOf(instance), account)).toMatchObject({ generation: 2 });
    await expect(verifier.verify(headerOf(knownAgent()), account)).rejects.toMatchObject({
      code: 'generation_not_accepted',
      message: 'expected an assertion of generation 2, got one of generation 1',
    });
  });
});

describe('the form', () => {
  it.each([
    ['two values joined by a comma', (header: string) => `${header}, ${header}`],
    ['padding', (header: string) => `${header}=`],
    ['no version', (header: string) => header.replace('1.', '')],
    ['another version', (header: string) => header.replace('1.', '2.')],
    ['the scheme twice', (header: string) => `AgentAssertion ${header}`],
  ])('is refused with %s', async (_what, change) => {
    const instance = knownInstance();
    await expect(
      verifierForBoth(instance).verify(change(instanceHeaderOf(instance)), account),
    ).rejects.toMatchObject({ code: 'malformed_instance_assertion' });
  });

  it('is refused with the scheme in x-openai-agent-assertion', async () => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance, { verifyBearer: () => undefined });
    await expect(
      verifier.verify('Bearer token', { ...account, instanceAssertion: instanceHeaderOf(instance) }),
    ).rejects.toMatchObject({ code: 'malformed_instance_assertion' });
  });

  it('is refused if Authorization has an assertion too, of either generation', async () => {
    const instance = knownInstance();
    for (const header of [headerOf(knownAgent()), instanceHeaderOf(instance)]) {
      for (const verifier of [
        verifierForBoth(instance),
        createAssertionVerifier({ directory: instance.directory }, { clock: () => now }),
      ]) {
        await expect(
          verifier.verify(header, { ...account, instanceAssertion: assertionOf(instance) }),
        ).rejects.toMatchObject({ code: 'malformed_assertion' });
      }
    }
  });
});

it('an assertion with any changed byte is refused, and does not use up the genuine one', async () => {
  const instance = knownInstance();
  const verifier = verifierForBoth(instance);
  const header = instanceHeaderOf(instance);
  const bytes = Buffer.from(header);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const changed = Buffer.from(bytes);
      changed[at] = ((changed[at] ?? 0) + by) % 256;
      const error = await verifier
        .verify(changed.toString('latin1'), account)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: expect.stringMatching(
          /^(malformed_instance_assertion|malformed_assertion|unsupported_scheme|invalid_signature|runtime_instance_not_found)$/,
        ),
      });
    }),
    { numRuns: 500 },
  );
  expect(await verifier.verify(header, account)).toMatchObject({ generation: 2 });
});

describe('signature and age', () => {
  it('refuse a signature of another key', async () => {
    const instance = knownInstance();
    const header = instanceHeaderOf({ ...instance, agentKey: generateAgentKey() });
    await expect(verifierForBoth(instance).verify(header, account)).rejects.toMatchObject({
      code: 'invalid_signature',
    });
  });

  it('allow 60 s in both directions by default, inclusive', async () => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance);
    await verifier.verify(instanceHeaderOf(instance, now - 60_000), account);
    await verifier.verify(instanceHeaderOf(instance, now + 60_000), account);
    await expect(verifier.verify(instanceHeaderOf(instance, now - 61_000), account)).rejects.toMatchObject({
      code: 'instance_assertion_expired',
    });
    await expect(verifier.verify(instanceHeaderOf(instance, now + 61_000), account)).rejects.toMatchObject({
      code: 'instance_assertion_in_future',
    });
  });

  it('apply instanceWindow, and not the window of the first generation', async () => {
    const instance = knownInstance();
    const instanceWindow = { maxAgeSeconds: 10, leewaySeconds: 5 };
    const verifier = verifierForBoth(instance, { instanceWindow, maxAgeSeconds: 1, leewaySeconds: 1 });
    await verifier.verify(instanceHeaderOf(instance, now - 10_000), account);
    await verifier.verify(instanceHeaderOf(instance, now + 5000), account);
    await expect(verifier.verify(instanceHeaderOf(instance, now - 11_000), account)).rejects.toMatchObject({
      code: 'instance_assertion_expired',
    });
    await expect(verifier.verify(instanceHeaderOf(instance, now + 6000), account)).rejects.toMatchObject({
      code: 'instance_assertion_in_future',
    });
  });

  it('come before everything else, so that only the instance itself learns about it', async () => {
    const instance = knownInstance();
    instance.change({ status: 'revoked' });
    const judged: string[] = [];
    const verifier = verifierForBoth(instance, {
      verifyBearer: (token) => void judged.push(token),
      replayStore: { markUsed: (key) => judged.push(key) > 0 },
    });
    const stranger = assertionOf({ ...instance, agentKey: generateAgentKey() });
    const late = assertionOf(instance, now - 61_000);
    const context = { accountId: 'account-2' };
    await expect(
      verifier.verify('Bearer token', { ...context, instanceAssertion: stranger }),
    ).rejects.toMatchObject({ code: 'invalid_signature' });
    await expect(
      verifier.verify('Bearer token', { ...context, instanceAssertion: late }),
    ).rejects.toMatchObject({ code: 'instance_assertion_expired' });
    await expect(
      verifier.verify('Bearer token', { ...context, instanceAssertion: assertionOf(instance) }),
    ).rejects.toMatchObject({ code: 'runtime_instance_revoked' });
    expect(judged).toEqual([]);
  });

  it('cost one check for an unknown instance, like for an invalid signature', async () => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance);
    const stranger = { ...instance, agentKey: generateAgentKey() };
    for (const [header, code] of [
      [instanceHeaderOf(stranger), 'invalid_signature'],
      [instanceHeaderOf({ ...stranger, runtimeAgentInstanceId: 'rai-2' }), 'runtime_instance_not_found'],
    ] as const) {
      const checks = await countSignatureChecks(() =>
        expect(verifier.verify(header, account)).rejects.toMatchObject({ code }),
      );
      expect(checks).toBe(1);
    }
  });
});

describe('the instance', () => {
  it.each(['suspended', 'revoked', 'expired'] as const)('is refused while it is %s', async (status) => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance);
    await verifier.verify(instanceHeaderOf(instance), account);
    instance.change({ status });
    await expect(verifier.verify(instanceHeaderOf(instance), account)).rejects.toMatchObject({
      code: `runtime_instance_${status}`,
    });
    instance.change({});
    await verifier.verify(instanceHeaderOf(instance), account);
  });

  it('is refused from expiresAt on, whatever the directory says', async () => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance);
    instance.change({ expiresAt: now + 1 });
    await verifier.verify(instanceHeaderOf(instance), account);
    instance.change({ expiresAt: now });
    await expect(verifier.verify(instanceHeaderOf(instance), account)).rejects.toMatchObject({
      code: 'runtime_instance_expired',
    });
    instance.change({ expiresAt: now, status: 'revoked' });
    await expect(verifier.verify(instanceHeaderOf(instance), account)).rejects.toMatchObject({
      code: 'runtime_instance_revoked',
    });
  });
});

describe('the account', () => {
  it.each(['required', 'when_given'] as const)('must be the one of the actor (%s)', async (accountMatch) => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance, { accountMatch });
    for (const accountId of ['account-2', '', 'account-1, account-1', 'user-1']) {
      await expect(verifier.verify(instanceHeaderOf(instance), { accountId })).rejects.toMatchObject({
        code: 'actor_mismatch',
      });
    }
  });

  it('is required by default, and optional with accountMatch when_given', async () => {
    const instance = knownInstance();
    await expect(verifierForBoth(instance).verify(instanceHeaderOf(instance))).rejects.toMatchObject({
      code: 'missing_account_id',
    });
    const lenient = verifierForBoth(instance, { accountMatch: 'when_given' });
    expect(await lenient.verify(instanceHeaderOf(instance))).toMatchObject({ accountId: 'account-1' });
  });

  it('must be absent for a platform actor', async () => {
    const instance = knownInstance(platformActor);
    for (const accountId of ['account-1', 'org-1', '']) {
      await expect(
        verifierForBoth(instance).verify(instanceHeaderOf(instance), { accountId }),
      ).rejects.toMatchObject({ code: 'actor_mismatch' });
    }
  });
});

describe('a directory', () => {
  it('that fails causes a retryable directory_unavailable, and uses up no assertion', async () => {
    const instance = knownInstance();
    let fails = true;
    const failures: unknown[] = [];
    const failure = new Error('connect ECONNREFUSED postgres://user:hunter2@db');
    const directory: AgentDirectory = {
      ...instance.directory,
      async findRuntimeAgentInstance(id) {
        if (fails) throw failure;
        return instance.directory.findRuntimeAgentInstance(id);
      },
    };
    const verifier = createAssertionVerifier(
      { directory, generations: [1, 2], onFailure: (...args) => failures.push(args) },
      { clock: () => now },
    );
    const header = instanceHeaderOf(instance);
    const error = await verifier.verify(header, account).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'directory_unavailable', retryable: true });
    expect(printedForms(error)).not.toContain('hunter2');
    expect(failures).toEqual([[failure, 'directory']]);
    fails = false;
    await verifier.verify(header, account);
  });

  it.each([
    ['an OpenSSH line as key', { publicKey: 'ssh-ed25519 AAAA' }],
    ['an actor in the form of the wire', { actor: { kind: 'chatgpt', user_id: 'u', account_id: 'a' } }],
    ['no actor', { actor: undefined }],
  ])('that returns %s causes a 503 and never lets a request pass', async (_what, wrong) => {
    const instance = knownInstance();
    const failures: unknown[] = [];
    const directory = {
      ...instance.directory,
      findRuntimeAgentInstance: (id: string) => ({
        ...instance.directory.findRuntimeAgentInstance(id),
        ...wrong,
      }),
    } as unknown as AgentDirectory;
    const verifier = createAssertionVerifier(
      { directory, generations: [2], onFailure: (error) => failures.push(error) },
      { clock: () => now },
    );
    await expect(verifier.verify(instanceHeaderOf(instance), account)).rejects.toMatchObject({
      code: 'directory_unavailable',
    });
    expect(failures).toMatchObject([{ code: 'invalid_argument' }]);
  });
});
