import {
  directoryAgentRuntimePath,
  directoryAgentRuntimeSchema,
  directoryAgentTaskPath,
  directoryAgentTaskSchema,
  directoryRuntimeAgentInstancePath,
  directoryRuntimeAgentInstanceSchema,
  fromDirectoryActor,
  fromDirectoryTaskStatus,
  toDirectoryActor,
  toDirectoryTaskStatus,
} from 'agent-identity-verifier/directory-wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('a path', () => {
  it('names the runtime, and the task of the runtime', () => {
    expect(directoryAgentRuntimePath('agent-1')).toBe('/v1/directory/agents/agent-1');
    expect(directoryAgentTaskPath('agent-1', 'task-1')).toBe('/v1/directory/agents/agent-1/tasks/task-1');
  });

  it('names the runtime agent instance', () => {
    expect(directoryRuntimeAgentInstancePath('rai-1')).toBe('/v1/directory/instances/rai-1');
    expect(directoryRuntimeAgentInstancePath('a/b?c')).toBe('/v1/directory/instances/a%2Fb%3Fc');
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
      expect(directoryRuntimeAgentInstancePath(id)).toBeUndefined();
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
const instance = {
  runtime_agent_instance_id: 'rai-1',
  agent_host_id: 'host-1',
  public_key: 'ssh-ed25519 AAAA',
  actor: { kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' },
  status: 'active',
};
const platformActor = { kind: 'platform', user_id: 'user-1', organization_id: 'org-1', project_id: null };

describe('a body', () => {
  it('is read without unknown members', () => {
    expect(directoryAgentRuntimeSchema.parse({ ...runtime, region: 'eu' })).toEqual(runtime);
    expect(directoryAgentTaskSchema.parse({ ...task, region: 'eu' })).toEqual(task);
    expect(directoryRuntimeAgentInstanceSchema.parse({ ...instance, region: 'eu' })).toEqual(instance);
  });

  it.each(Object.keys(instance))('of an instance is refused without %s', (member) => {
    const schema = directoryRuntimeAgentInstanceSchema;
    expect(schema.safeParse({ ...instance, [member]: undefined }).success).toBe(false);
    expect(schema.safeParse({ ...instance, [member]: '' }).success).toBe(false);
  });

  it.each([
    ['a platform actor without a project', { actor: platformActor }],
    ['a platform actor with a project', { actor: { ...platformActor, project_id: 'project-1' } }],
    ['a time of expiry', { expires_at: '2026-04-23T00:00:00.5Z' }],
    ['the status suspended', { status: 'suspended' }],
  ])('of an instance can have %s', (_what, change) => {
    expect(directoryRuntimeAgentInstanceSchema.parse({ ...instance, ...change })).toEqual({
      ...instance,
      ...change,
    });
  });

  it.each([
    ['an actor of another kind', { actor: { ...platformActor, kind: 'robot' } }],
    ['an actor without its account', { actor: { kind: 'chatgpt', user_id: 'user-1' } }],
    [
      'a platform actor that does not say its project',
      { actor: { ...platformActor, project_id: undefined } },
    ],
    ['a time in another form', { expires_at: 1_776_902_400 }],
    ['a time in another zone', { expires_at: '2026-04-23T00:00:00+02:00' }],
    ['a status of a runtime', { status: 'deleted' }],
  ])('of an instance is refused with %s', (_what, change) => {
    expect(directoryRuntimeAgentInstanceSchema.safeParse({ ...instance, ...change }).success).toBe(false);
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

it.each([
  [
    { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' },
    { kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' },
  ],
  [
    { kind: 'platform', userId: 'user-1', organizationId: 'org-1', projectId: null },
    { kind: 'platform', user_id: 'user-1', organization_id: 'org-1', project_id: null },
  ],
] as const)('the actor %j is %j on the wire', (actor, wire) => {
  expect(toDirectoryActor(actor)).toEqual(wire);
  expect(fromDirectoryActor(wire)).toEqual(actor);
});
