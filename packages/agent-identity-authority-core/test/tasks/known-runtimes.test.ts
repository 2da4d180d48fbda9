import { memoryStore } from 'agent-identity-authority-core';
import { generateAgentKey } from 'agent-identity-core';
import { someRuntime } from 'test-support';
import { expect, it } from 'vitest';
import { createKnownRuntimes } from '../../src/tasks/known-runtimes.js';

it('a runtime that was read before its key changed is not known by the old key afterwards', async () => {
  const store = memoryStore();
  const runtime = await store.addAgentRuntime(someRuntime());
  const { agentRuntimeId, publicKeySsh: from } = runtime;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const findKnownRuntime = createKnownRuntimes(
    {
      subscribe: store.subscribe,
      async findAgentRuntime(id) {
        const found = await store.findAgentRuntime(id);
        await held;
        return found;
      },
    },
    { monotonicClock: () => 0 },
  );
  const reading = findKnownRuntime(agentRuntimeId);
  const to = generateAgentKey().publicKey.ssh;
  await store.changeAgentRuntimeKey(agentRuntimeId, { from, to, endTasks: false }, 4000);
  release();
  await reading;
  expect(await findKnownRuntime(agentRuntimeId)).toMatchObject({ publicKeySsh: to });
});

it('a runtime is read again after five seconds, for stores that tell of no changes', async () => {
  const store = memoryStore();
  const { agentRuntimeId, publicKeySsh: from } = await store.addAgentRuntime(someRuntime());
  let now = 0;
  const silent = { ...store, subscribe: () => () => {} };
  const findKnownRuntime = createKnownRuntimes(silent, { monotonicClock: () => now });
  await findKnownRuntime(agentRuntimeId);
  const to = generateAgentKey().publicKey.ssh;
  await store.changeAgentRuntimeKey(agentRuntimeId, { from, to, endTasks: false }, 4000);
  now = 4999;
  expect(await findKnownRuntime(agentRuntimeId)).toMatchObject({ publicKeySsh: from });
  now = 5000;
  expect(await findKnownRuntime(agentRuntimeId)).toMatchObject({ publicKeySsh: to });
});
