import {
  directoryAgentRuntimePath,
  directoryAgentRuntimeSchema,
  directoryAgentTaskPath,
  directoryAgentTaskSchema,
  fromDirectoryTaskStatus,
  toDirectoryTaskStatus,
} from 'agent-identity-verifier/directory-wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('a path', () => {
  it('names the runtime, and the task of the runtime', () => {
    expect(directoryAgentRuntimePath('agent-1')).toBe('/v1/directory/agents/agent-1');
    expect(directoryAgentTaskPath('agent-1', 'task-1')).toBe('/v1/directory/agents/agent-1/tasks/task-1');
  });

  it('has each id as exactly one segment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (agent, task) => {
        const path = directoryAgentTaskPath(agent, task);
        if (path === undefined) return;
        const { pathname, search, hash } = new URL(`https://id.example${path}`);
        expect([pathname, search, hash]).toEqual([path, '', '']);
        expect(path.split('/').map(decodeURIComponent)).toEqual([
          ...['', 'v1', 'directory', 'agents'],
          ...[agent, 'tasks', task],
        ]);
      }),
    );
  });

  it.each(['', '.', '..', '\ud800', 'a'.repeat(513), 'ü'.repeat(86)])(
    'does not exist for the id %j',
    (id) => {
      expect(directoryAgentRuntimePath(id)).toBeUndefined();
      expect(directoryAgentTaskPath(id, 'task-1')).toBeUndefined();
      expect(directoryAgentTaskPath('agent-1', id)).toBeUndefined();
    },
  );
});

const runtime = {
  agent_runtime_id: 'agent-1',
  agent_public_key: 'ssh-ed25519 AAAA',
  account_id: 'account-1',
  status: 'active',
};
const task = { agent_runtime_id: 'agent-1', task_id: 'task-1', status: 'live' };

describe('a body', () => {
  it('is read without unknown members', () => {
    expect(directoryAgentRuntimeSchema.parse({ ...runtime, region: 'eu' })).toEqual(runtime);
    expect(directoryAgentTaskSchema.parse({ ...task, region: 'eu' })).toEqual(task);
  });

  it.each(Object.keys(runtime))('of a runtime is refused without %s', (member) => {
    expect(directoryAgentRuntimeSchema.safeParse({ ...runtime, [member]: undefined }).success).toBe(false);
    expect(directoryAgentRuntimeSchema.safeParse({ ...runtime, [member]: '' }).success).toBe(false);
  });

  it.each(Object.keys(task))('of a task is refused without %s', (member) => {
    expect(directoryAgentTaskSchema.safeParse({ ...task, [member]: undefined }).success).toBe(false);
    expect(directoryAgentTaskSchema.safeParse({ ...task, [member]: '' }).success).toBe(false);
  });

  it('is refused with an unknown status', () => {
    expect(directoryAgentRuntimeSchema.safeParse({ ...runtime, status: 'live' }).success).toBe(false);
    expect(directoryAgentTaskSchema.safeParse({ ...task, status: 'active' }).success).toBe(false);
  });
});

it.each([
  ['active', 'live'],
  ['expired', 'expired'],
  ['revoked', 'revoked'],
] as const)('the task status %s is %s on the wire', (status, wire) => {
  expect(toDirectoryTaskStatus(status)).toBe(wire);
  expect(fromDirectoryTaskStatus(wire)).toBe(status);
});
