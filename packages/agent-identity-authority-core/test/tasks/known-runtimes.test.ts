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
  const findKnownRuntime = createKnownRuntimes({
    subscribe: store.subscribe,
    async findAgentRuntime(id) {
      const found = await store.findAgentRuntime(id);
      await held;
      return found;
    },
  });
  const reading = findKnownRuntime(agentRuntimeId);
  const to = generateAgentKey().publicKey.ssh;
  await store.changeAgentRuntimeKey(agentRuntimeId, { from, to, endTasks: false }, 4000);
  release();
  await reading;
  expect(await findKnownRuntime(agentRuntimeId)).toMatchObject({ publicKeySsh: to });
});
