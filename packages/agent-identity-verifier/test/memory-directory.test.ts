import { generateAgentKey } from 'agent-identity-core';
import { memoryDirectory } from 'agent-identity-verifier';
import { expect, it } from 'vitest';

const { publicKey } = generateAgentKey();
const runtime = { agentRuntimeId: 'agent-1', publicKey, accountId: 'account-1' };

it('answers at once, with what was put', () => {
  const directory = memoryDirectory();
  directory.putAgentRuntime(runtime);
  directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });
  expect(directory.findAgentRuntime('agent-1')).toEqual({ ...runtime, status: 'active' });
  expect(directory.findAgentTask('agent-1', 'task-1')).toEqual({
    agentRuntimeId: 'agent-1',
    taskId: 'task-1',
    status: 'live',
  });
});

it('knows nothing that was not put, and no task under another runtime', () => {
  const directory = memoryDirectory();
  directory.putAgentRuntime(runtime);
  directory.putAgentRuntime({ ...runtime, agentRuntimeId: 'agent-2' });
  directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });
  expect(directory.findAgentRuntime('agent-3')).toBeUndefined();
  expect(directory.findAgentRuntime('__proto__')).toBeUndefined();
  expect(directory.findAgentTask('agent-2', 'task-1')).toBeUndefined();
  expect(directory.findAgentTask('agent-3', 'task-1')).toBeUndefined();
});

it('keeps the tasks of a runtime that is replaced', () => {
  const directory = memoryDirectory();
  directory.putAgentRuntime(runtime);
  directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });
  directory.putAgentRuntime({ ...runtime, status: 'revoked' });
  expect(directory.findAgentRuntime('agent-1')?.status).toBe('revoked');
  expect(directory.findAgentTask('agent-1', 'task-1')?.status).toBe('live');
});

it('refuses a task of a runtime that was not put', () => {
  expect(() => memoryDirectory().putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' })).toThrow(
    expect.objectContaining({ code: 'invalid_argument' }),
  );
});
