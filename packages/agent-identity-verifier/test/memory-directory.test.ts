import { generateAgentKey } from 'agent-identity-core';
import { memoryDirectory } from 'agent-identity-verifier';
import { thrownBy } from 'test-support';
import { expect, it } from 'vitest';

const { publicKey } = generateAgentKey();
const runtime = { agentRuntimeId: 'agent-1', publicKey, accountId: 'account-1' };

it('memoryDirectory finds synchronously what was added', () => {
  const directory = memoryDirectory();
  directory.putAgentRuntime(runtime);
  directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });
  expect(directory.findAgentRuntime('agent-1')).toEqual({ ...runtime, status: 'active' });
  expect(directory.findAgentTask('agent-1', 'task-1')).toEqual({
    agentRuntimeId: 'agent-1',
    taskId: 'task-1',
    status: 'active',
  });
});

it('memoryDirectory finds nothing else, and no task of another runtime', () => {
  const directory = memoryDirectory();
  directory.putAgentRuntime(runtime);
  directory.putAgentRuntime({ ...runtime, agentRuntimeId: 'agent-2' });
  directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });
  expect(directory.findAgentRuntime('agent-3')).toBeUndefined();
  expect(directory.findAgentRuntime('__proto__')).toBeUndefined();
  expect(directory.findAgentTask('agent-2', 'task-1')).toBeUndefined();
  expect(directory.findAgentTask('agent-3', 'task-1')).toBeUndefined();
});

it('putAgentRuntime keeps the tasks of a runtime that it replaces', () => {
  const directory = memoryDirectory();
  directory.putAgentRuntime(runtime);
  directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });
  directory.putAgentRuntime({ ...runtime, status: 'revoked' });
  expect(directory.findAgentRuntime('agent-1')?.status).toBe('revoked');
  expect(directory.findAgentTask('agent-1', 'task-1')?.status).toBe('active');
});

it('putAgentTask refuses a task of an unknown runtime', () => {
  expect(() => memoryDirectory().putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' })).toThrow(
    expect.objectContaining({ code: 'invalid_argument' }),
  );
});

it.each([
  ['publicKey: expected an AgentPublicKey', { publicKey: publicKey.ssh }],
  ['publicKey: expected an AgentPublicKey', { publicKey: { ssh: publicKey.ssh } }],
  ['agentRuntimeId: expected a non-blank string', { agentRuntimeId: ' ' }],
  ['accountId: expected a non-blank string', { accountId: undefined }],
  ['status: expected one of active, deleted, revoked, expired', { status: 'live' }],
  ['did you mean "status"', { staus: 'revoked' }],
])('putAgentRuntime refuses wrong members: %s', (message, wrong) => {
  const directory = memoryDirectory();
  expect(thrownBy(() => directory.putAgentRuntime({ ...runtime, ...wrong } as typeof runtime))).toMatchObject(
    {
      code: 'invalid_argument',
      message: expect.stringContaining(message),
    },
  );
  expect(directory.findAgentRuntime('agent-1')).toBeUndefined();
});

it.each([
  ['taskId: expected a non-blank string', { taskId: 7 }],
  ['status: expected one of active, expired, revoked', { status: 'live' }],
  ['did you mean "status"', { statuss: 'revoked' }],
])('putAgentTask refuses wrong members: %s', (message, wrong) => {
  const directory = memoryDirectory();
  directory.putAgentRuntime(runtime);
  const task = { agentRuntimeId: 'agent-1', taskId: 'task-1', ...wrong } as {
    agentRuntimeId: string;
    taskId: string;
  };
  expect(thrownBy(() => directory.putAgentTask(task))).toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining(message),
  });
  expect(directory.findAgentTask('agent-1', 'task-1')).toBeUndefined();
});
