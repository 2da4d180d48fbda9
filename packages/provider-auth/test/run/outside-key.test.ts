import { type AgentSigner, generateAgentKey } from 'agent-identity-core';
import {
  createRunScope,
  defineProvider,
  type LoadAuthOptions,
  loadAuth,
  providerFetch,
  type RunEvent,
  resolveProviderAuth,
} from 'provider-auth';
import { printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { agentRuntimeId, deletedRuntime, firstParty, now, taskOf } from '../support/first-party.js';
import { stillEffects } from '../support/start-run.js';

/** A run whose key is a signer, which the test may break, and clocks that it sets by hand. */
async function running() {
  const world = await firstParty();
  const { agentKey } = world;
  const { agent_private_key: pkcs8, ...record } = world.record;
  const held = {
    now,
    monotonic: 0,
    signatures: 0,
    failure: undefined as Error | undefined,
    release: undefined as Promise<void> | undefined,
  };
  const signer: AgentSigner = {
    publicKey: agentKey.publicKey,
    async sign(message) {
      held.signatures += 1;
      await held.release;
      if (held.failure) throw held.failure;
      return agentKey.sign(message);
    },
  };
  const events: RunEvent[] = [];
  const effects = { ...stillEffects, clock: () => held.now, monotonicClock: () => held.monotonic };
  const scope = createRunScope({ observers: [{ onEvent: (event) => events.push(event) }] }, effects);
  const auth = await loadAuth({ record, signer, authapiBaseUrl: world.authapi.authapiBaseUrl, scope });
  const provider = defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl });
  const url = `${world.provider.baseUrl}/responses`;
  const fetch = providerFetch(auth, provider);
  const resolve = () => resolveProviderAuth({ auth, provider });
  return { world, held, auth, scope, events, fetch, url, resolve, pkcs8, record, signer };
}

const post: RequestInit = { method: 'POST', body: 'hello' };
const locked = () => new Error('the agent is locked');

describe('a run whose key is a signer', () => {
  it('costs one signature a second, however many requests are sent', async () => {
    const { world, held, fetch, url, auth } = await running();
    expect(auth.kind).toBe('agent_identity');
    expect(held.signatures).toBe(1); // for the task
    const all = () => Promise.all(Array.from({ length: 50 }, async () => (await fetch(url, post)).status));
    expect(new Set([...(await all()), ...(await all())])).toEqual(new Set([200]));
    expect(held.signatures).toBe(2);
    held.now += 1000;
    await all();
    expect(held.signatures).toBe(3);
    expect(world.provider.requests).toHaveLength(150);
  });

  it('replaces a task that is gone, once for all requests', async () => {
    const { world, fetch, url, events } = await running();
    await fetch(url, post);
    world.state.liveTasks.clear();
    const responses = await Promise.all(Array.from({ length: 50 }, () => fetch(url, post)));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(events).toEqual([
      { type: 'task_replaced', agentRuntimeId, taskId: 'task-2', replacedTaskId: 'task-1' },
    ]);
  });

  it('corrects its clock', async () => {
    const { world, fetch, url, events, scope } = await running();
    await fetch(url, post);
    world.state.serverNow = now + 3_600_000;
    const responses = await Promise.all(Array.from({ length: 20 }, () => fetch(url, post)));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(scope.clockOffsetSeconds).toBe(3600);
    expect(events).toEqual([{ type: 'clock_offset_learned', offsetSeconds: 3600, server: 'provider' }]);
  });

  it('signs again for a redirect that comes late', async () => {
    const { world, held, fetch, url } = await running();
    world.state.answerRequest = ({ path }) => {
      if (path.endsWith('/moved')) return { body: 'arrived' };
      held.monotonic += 60_000;
      held.now += 60_000;
      world.state.serverNow = held.now;
      return { status: 307, headers: { location: `${world.provider.baseUrl}/moved` } };
    };
    expect(await (await fetch(url, post)).text()).toBe('arrived');
    const [first, second] = world.provider.requests.map(({ headers }) => headers['authorization']);
    expect(second).not.toBe(first);
  });

  it('gives headers right after it is resolved, and then after prepare', async () => {
    const { held, resolve, url } = await running();
    const resolved = await resolve();
    const first = resolved.headers();
    expect(resolved.credentialsFor(url).headers).toEqual(first);
    expect(resolved.webSocketHeaders(url).headers).toEqual(first);
    held.monotonic += 10_001;
    for (const call of [
      () => resolved.headers(),
      () => resolved.credentialsFor(url),
      () => resolved.webSocketHeaders(url),
    ]) {
      expect((await thrownBy(call)).code).toBe('signature_not_prepared');
    }
    expect(resolved.credentialsFor('https://elsewhere.example/').headers).toEqual({});
    held.now += 10_001;
    await resolved.prepare();
    expect(resolved.headers()).not.toEqual(first);
  });

  it('takes longer than that for one signature', async () => {
    const { held, resolve } = await running();
    const resolved = await resolve();
    held.now += 1000;
    held.release = Promise.resolve().then(() => {
      held.monotonic += 30_000;
    });
    await resolved.prepare();
    expect(resolved.headers()['Authorization']).toMatch(/^AgentAssertion /);
  });

  it('fails with an outage while the signer fails, and goes on afterwards', async () => {
    const { world, held, fetch, url, events } = await running();
    await fetch(url, post);
    held.now += 1000;
    held.failure = locked();
    const sent = world.provider.requests.length;
    for (let i = 0; i < 3; i += 1) {
      expect(await thrownBy(() => fetch(url, post))).toMatchObject({
        code: 'signer_unavailable',
        retryable: true,
      });
    }
    expect(world.provider.requests).toHaveLength(sent);
    expect(events).toEqual([]);
    held.failure = undefined;
    expect((await fetch(url, post)).status).toBe(200);
  });

  it('reports a signer that fails for the retry, and does not return the refusal', async () => {
    const { world, held, fetch, url, events } = await running();
    await fetch(url, post);
    world.state.liveTasks.clear();
    world.state.answerRegistration = () => {
      held.failure = locked();
      world.state.liveTasks.add('task-2');
      return { body: { task_id: 'task-2' } };
    };
    expect(await thrownBy(() => fetch(url, post))).toMatchObject({
      code: 'signer_unavailable',
      retryable: true,
    });
    expect(events).toMatchObject([{ type: 'task_replaced', taskId: 'task-2' }]);
    held.failure = undefined;
    expect((await fetch(url, post)).status).toBe(200);
    expect(taskOf(world.provider.requests.at(-1) as never)).toBe('task-2');
  });

  it('returns the 401 unchanged if the signer fails for the replacement, as for any other failure', async () => {
    const { world, held, fetch, url, events } = await running();
    await fetch(url, post);
    world.state.liveTasks.clear();
    held.failure = locked(); // The header of this second is signed already.
    expect((await fetch(url, post)).status).toBe(401);
    expect(events).toMatchObject([{ type: 'task_replacement_failed', errorCode: 'signer_unavailable' }]);
  });

  it('ends when its runtime is deleted, and signs nothing more', async () => {
    const { world, held, fetch, url } = await running();
    world.state.isRuntimeDeleted = true;
    expect((await fetch(url, post)).status).toBe(deletedRuntime.status);
    const { signatures } = held;
    held.now += 1000;
    expect((await thrownBy(() => fetch(url, post))).code).toBe('agent_runtime_deleted');
    expect(held.signatures).toBe(signatures);
  });

  it('ends only the wait of a caller that aborts', async () => {
    const { held, fetch, url } = await running();
    await fetch(url, post);
    held.now += 1000;
    let release = () => {};
    held.release = new Promise((resolve) => {
      release = resolve;
    });
    const controller = new AbortController();
    const aborted = fetch(url, { ...post, signal: controller.signal });
    const other = fetch(url, post);
    controller.abort(new Error('no longer needed'));
    await expect(aborted).rejects.toThrow('no longer needed');
    release();
    expect((await other).status).toBe(200);
    expect(held.signatures).toBe(3);
  });

  it('shows no secret', async () => {
    const { auth, resolve, pkcs8 } = await running();
    const resolved = await resolve();
    const printed = [...printedForms(auth), ...printedForms(resolved)].join('\n');
    expect(printed).not.toContain(pkcs8);
    expect(printed).not.toContain(resolved.headers()['Authorization']);
  });
});

describe('loadAuth with a signer', () => {
  it.each<[string, string, (run: Awaited<ReturnType<typeof running>>) => LoadAuthOptions]>([
    ['no record', 'invalid_argument', ({ signer }) => ({ signer })],
    ['another credential', 'invalid_argument', ({ signer }) => ({ signer, apiKey: 'sk-test' })],
    ['what is no signer', 'invalid_argument', ({ record }) => ({ record, signer: {} as AgentSigner })],
    [
      'a record with a key',
      'invalid_agent_identity_record',
      ({ world, signer }) => ({ record: world.record, signer }),
    ],
    ['a record without a key and no signer', 'invalid_agent_identity_record', ({ record }) => ({ record })],
    [
      'another workspace',
      'workspace_not_allowed',
      ({ record, signer }) => ({ record, signer, forcedWorkspaceIds: ['account-2'] }),
    ],
    [
      'a signer with another key',
      'signer_mismatch',
      ({ record, signer }) => ({
        record,
        signer: { ...signer, sign: async (message) => generateAgentKey().sign(message) },
      }),
    ],
  ])('refuses %s with %s, and sends nothing', async (_what, code, optionsOf) => {
    const run = await running();
    const { authapiBaseUrl } = run.world.authapi;
    const sent = run.world.authapi.requests.length;
    const options = { authapiBaseUrl, ...optionsOf(run) };
    expect((await thrownBy(() => loadAuth(options, stillEffects))).code).toBe(code);
    expect(run.world.authapi.requests).toHaveLength(sent);
  });
});
