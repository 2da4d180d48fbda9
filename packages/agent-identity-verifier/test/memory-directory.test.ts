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
  expect(directory.findAgentRuntime('agent-1')).toEqual({
    ...runtime,
    status: 'active',
    capabilities: [],
    labels: {},
    lineage: [],
  });
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
  ['status: expected one of active, suspended, deleted, revoked, expired', { status: 'live' }],
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

const actor = { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' } as const;
const instance = { runtimeAgentInstanceId: 'rai-1', agentHostId: 'host-1', publicKey, actor };

it('memoryDirectory finds runtime agent instances, and replaces them', () => {
  const directory = memoryDirectory();
  directory.putRuntimeAgentInstance(instance);
  expect(directory.findRuntimeAgentInstance('rai-1')).toEqual({ ...instance, status: 'active' });
  expect(directory.findRuntimeAgentInstance('rai-2')).toBeUndefined();
  const platform = { kind: 'platform', userId: 'u', organizationId: 'o', projectId: null } as const;
  const changed = { ...instance, actor: platform, status: 'suspended', expiresAt: 1000 } as const;
  directory.putRuntimeAgentInstance(changed);
  expect(directory.findRuntimeAgentInstance('rai-1')).toEqual(changed);
});

it.each([
  ['publicKey: expected an AgentPublicKey', { publicKey: publicKey.ssh }],
  ['runtimeAgentInstanceId: expected a non-blank string', { runtimeAgentInstanceId: '' }],
  ['agentHostId: expected a non-blank string', { agentHostId: undefined }],
  ['actor.kind: expected "chatgpt" or "platform"', { actor: undefined }],
  ['actor.kind: expected "chatgpt" or "platform"', { actor: { ...actor, kind: 'constructor' } }],
  ['actor.accountId: expected a string', { actor: { kind: 'chatgpt', userId: 'user-1' } }],
  ['actor.projectId: expected a string', { actor: { kind: 'platform', userId: 'u', organizationId: 'o' } }],
  ['actor: unknown member "account_id"; did you mean "accountId"', { actor: { ...actor, account_id: 'a' } }],
  ['status: expected one of active, suspended, revoked, expired', { status: 'deleted' }],
  ['expiresAt: expected epoch milliseconds', { expiresAt: '2026-04-23' }],
  ['did you mean "expiresAt"', { expiresAtt: 1 }],
])('putRuntimeAgentInstance refuses wrong members: %s', (message, wrong) => {
  const directory = memoryDirectory();
  const entry = { ...instance, ...wrong } as typeof instance;
  expect(thrownBy(() => directory.putRuntimeAgentInstance(entry))).toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining(message),
  });
  expect(directory.findRuntimeAgentInstance('rai-1')).toBeUndefined();
});

it.each([['a'], [['a b']], [['']], [[1]], [null], [Array(65).fill('a')]])(
  'putAgentRuntime refuses the capabilities %j',
  (capabilities) => {
    const directory = memoryDirectory();
    const put = () => directory.putAgentRuntime({ ...runtime, capabilities: capabilities as never });
    expect(thrownBy(put)).toMatchObject({ code: 'invalid_argument' });
    expect(directory.findAgentRuntime('agent-1')).toBeUndefined();
  },
);

it.each([
  ['name: expected a string', { name: 7 }],
  ['labels: expected an object', { labels: 'team' }],
  ['team: expected a string', { labels: { team: 7 } }],
  ['planType: expected a string', { planType: null }],
  ['abom: expected an object', { abom: 'x' }],
])('putAgentRuntime refuses wrong facts: %s', (message, wrong) => {
  const directory = memoryDirectory();
  const put = () => directory.putAgentRuntime({ ...runtime, ...wrong } as never);
  expect(thrownBy(put)).toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining(message),
  });
  expect(directory.findAgentRuntime('agent-1')).toBeUndefined();
});

it('memoryDirectory keeps its own copy of the facts', () => {
  const directory = memoryDirectory();
  const abom = { agent_version: '1', agent_harness_id: 'codex-cli', running_location: 'cli-linux' };
  const labels = { team: 'search' };
  directory.putAgentRuntime({ ...runtime, name: 'builder', planType: 'business', labels, abom });
  labels.team = 'other';
  expect(directory.findAgentRuntime('agent-1')).toMatchObject({
    name: 'builder',
    planType: 'business',
    labels: { team: 'search' },
    abom,
  });
});

it('memoryDirectory keeps its own list of capabilities', () => {
  const directory = memoryDirectory();
  const capabilities = ['a'];
  directory.putAgentRuntime({ ...runtime, capabilities });
  capabilities.push('b');
  expect(directory.findAgentRuntime('agent-1')?.capabilities).toEqual(['a']);
});
