import { formatAuthJson, memoryAuthStore } from 'chatgpt-auth';
import { createRunScope, loadAuth, providerFetch, type RunEvent } from 'provider-auth';
import { type Reply, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { chatgptLogin } from '../support/chatgpt-login.js';
import { agentRuntimeId, deletedRuntime, type FirstParty, firstParty } from '../support/first-party.js';
import { noNetwork } from '../support/no-network.js';
import { startIssuer } from '../support/start-issuer.js';
import { stillEffects } from '../support/start-run.js';

const unknownRuntime: Reply = { status: 400, body: { error: { code: 'invalid_agent_runtime_id' } } };

/** Starts a run from the store, as a process does, and sends one request. */
async function runProcess(
  { authapi, provider }: FirstParty,
  store: ReturnType<typeof memoryAuthStore>,
  effects = stillEffects,
) {
  const events: RunEvent[] = [];
  const scope = createRunScope({ observers: [{ onEvent: (event) => events.push(event) }] }, effects);
  const { authapiBaseUrl } = authapi;
  const load = async () => {
    const auth = await loadAuth({ store, authapiBaseUrl, policy: 'chatgpt-auth', scope });
    const fetch = providerFetch(auth, { kind: 'first_party', baseUrl: provider.baseUrl });
    return fetch(provider.baseUrl);
  };
  return { events, load };
}

const stores = {
  'an agent identity record': ({ record }: FirstParty) => formatAuthJson({ ...record, task_id: 'task-0' }),
  'the record of an opt-in': ({ record }: FirstParty) =>
    chatgptLogin({ agent_identity: { ...record, task_id: 'task-0' } }),
};

describe.each(Object.entries(stores))('if the store holds %s', (_, format) => {
  it('a runtime that the provider calls deleted is remembered, and the next process sends nothing', async () => {
    const world = await firstParty();
    const store = memoryAuthStore(format(world));
    world.state.isRuntimeDeleted = true;
    const first = await runProcess(world, store);
    expect((await first.load()).status).toBe(403);
    expect(first.events).toEqual([
      { type: 'agent_runtime_ended', agentRuntimeId, code: 'agent_runtime_deleted' },
    ]);
    const next = await runProcess(world, store, noNetwork);
    expect((await thrownBy(next.load)).code).toBe('agent_runtime_deleted');
    expect(world.provider.requests).toHaveLength(1);
    expect(world.authapi.requests).toEqual([]);
  });

  it.each([
    ['agent_runtime_deleted', deletedRuntime],
    ['invalid_agent_runtime_id', unknownRuntime],
  ])('a replacement registration that is refused with %s is remembered', async (code, reply) => {
    const world = await firstParty();
    const store = memoryAuthStore(format(world));
    world.state.answerRegistration = () => reply;
    const first = await runProcess(world, store);
    expect((await first.load()).status).toBe(401);
    const next = await runProcess(world, store, noNetwork);
    expect((await thrownBy(next.load)).code).toBe(code);
    expect(world.authapi.requests).toHaveLength(1);
  });

  it('another login ends the memory', async () => {
    const world = await firstParty();
    const store = memoryAuthStore(format(world));
    world.state.isRuntimeDeleted = true;
    await (await runProcess(world, store)).load();
    world.state.isRuntimeDeleted = false;
    world.state.liveTasks.add('task-0');
    store.replace(format(world));
    expect((await (await runProcess(world, store)).load()).status).toBe(200);
  });

  it('a store that cannot remember it does not fail the request, and observers learn it', async () => {
    const world = await firstParty();
    const store = {
      ...memoryAuthStore(format(world)),
      update: () => Promise.reject(new Error('the disk is full')),
    };
    world.state.isRuntimeDeleted = true;
    const { events, load } = await runProcess(world, store);
    expect((await load()).status).toBe(403);
    expect(events.at(-1)).toEqual({
      type: 'agent_runtime_end_not_saved',
      agentRuntimeId,
      errorCode: 'unexpected_error',
    });
  });
});

it.each([
  ['agent_runtime_deleted', deletedRuntime],
  ['invalid_agent_runtime_id', unknownRuntime],
])('a run task that is refused with %s is remembered for a record and for a JWT', async (code, reply) => {
  const world = await firstParty();
  const { server, issue } = await startIssuer();
  world.state.answerRegistration = () => reply;
  for (const identity of [world.record, issue(world.record)]) {
    const store = memoryAuthStore(formatAuthJson(identity));
    const urls = { authapiBaseUrl: world.authapi.authapiBaseUrl, jwtBaseUrl: server.origin };
    expect((await thrownBy(() => loadAuth({ store, ...urls }, stillEffects))).code).toBe(code);
    expect((await thrownBy(() => loadAuth({ store, ...urls }, noNetwork))).code).toBe(code);
  }
  expect(world.authapi.requests).toHaveLength(2);
});

it('a refusal that is not terminal is not remembered', async () => {
  const world = await firstParty();
  const store = memoryAuthStore(formatAuthJson(world.record));
  const before = await store.read();
  world.state.answerRegistration = () => ({
    status: 403,
    body: { error: { code: 'deactivated_workspace' } },
  });
  const { load } = await runProcess(world, store);
  expect((await thrownBy(load)).code).toBe('registration_refused');
  expect(await store.read()).toBe(before);
});
