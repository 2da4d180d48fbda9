import { generateAgentKey } from 'agent-identity-core';
import { formatAuthJson, memoryAuthStore, readStoredTask, replaceStoredTask } from 'chatgpt-auth';
import { expect, it } from 'vitest';

const record = {
  agent_runtime_id: 'agent-1',
  agent_private_key: generateAgentKey().toPkcs8Base64(),
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  email: '',
  plan_type: 'pro',
  chatgpt_account_is_fedramp: false,
  task_id: 'task-1',
};
const text = formatAuthJson(record);
const replacement = { agentRuntimeId: 'agent-1', taskId: 'task-2', replacedTaskId: 'task-1' };

it('readStoredTask returns the task of a runtime', async () => {
  expect(await readStoredTask(memoryAuthStore(text), 'agent-1')).toBe('task-1');
});

it.each([
  ['another runtime', text, 'agent-2'],
  ['nobody is logged in', undefined, 'agent-1'],
  ['a record without a task', formatAuthJson({ ...record, task_id: undefined }), 'agent-1'],
  ['a record with a blank one', formatAuthJson({ ...record, task_id: ' ' }), 'agent-1'],
])('readStoredTask returns undefined for %s', async (_, stored, agentRuntimeId) => {
  expect(await readStoredTask(memoryAuthStore(stored), agentRuntimeId)).toBeUndefined();
});

it('replaceStoredTask changes the task and no other byte', async () => {
  const store = memoryAuthStore(text);
  await replaceStoredTask(store, replacement);
  expect(await store.read()).toBe(text.replace('"task-1"', '"task-2"'));
});

it.each([
  ['somebody else has replaced the task', { ...replacement, replacedTaskId: 'task-0' }],
  ['the store holds another runtime', { ...replacement, agentRuntimeId: 'agent-2' }],
])('replaceStoredTask writes nothing when %s', async (_, given) => {
  const store = memoryAuthStore(text);
  await replaceStoredTask(store, given);
  expect(await store.read()).toBe(text);
});

it('replaceStoredTask does not undo a logout', async () => {
  const store = memoryAuthStore();
  await replaceStoredTask(store, replacement);
  expect(await store.read()).toBeUndefined();
});
