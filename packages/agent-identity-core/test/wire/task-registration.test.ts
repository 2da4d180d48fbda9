import { taskRegistrationRequestSchema, taskRegistrationResponseSchema } from 'agent-identity-core/wire';
import { describe, expect, it } from 'vitest';
import { fixedRegistration } from '../support/fixed-agent.js';

const request = { timestamp: fixedRegistration.timestamp, signature: fixedRegistration.signature };
const accepts = (changes: object) =>
  taskRegistrationRequestSchema.safeParse({ ...request, ...changes }).success;

describe('taskRegistrationRequestSchema', () => {
  it('accepts timestamp and signature and nothing else', () => {
    expect(taskRegistrationRequestSchema.parse(request)).toEqual(request);
    for (const name of ['task_id', 'target', 'kind', 'external_reference', 'agent_runtime_id']) {
      expect(accepts({ [name]: 'x' })).toBe(false);
    }
  });

  it('refuses a timestamp or signature that is missing or has another form', () => {
    for (const value of [undefined, null, '', 7]) {
      expect(accepts({ timestamp: value })).toBe(false);
      expect(accepts({ signature: value })).toBe(false);
    }
    expect(accepts({ timestamp: '2026-04-23T00:00:00.000Z' })).toBe(false);
    expect(accepts({ timestamp: '2026-04-23T00:00:00+00:00' })).toBe(false);
  });
});

describe('taskRegistrationResponseSchema', () => {
  it.each(['task_id', 'taskId', 'encrypted_task_id', 'encryptedTaskId'])('reads %s', (name) => {
    expect(taskRegistrationResponseSchema.parse({ [name]: 'x', other: 1 })).toEqual({ [name]: 'x' });
  });

  it('reads null as absent', () => {
    const response = { task_id: null, taskId: null, encrypted_task_id: 'x', encryptedTaskId: null };
    const read = taskRegistrationResponseSchema.parse(response);
    expect(read.task_id ?? read.taskId ?? read.encryptedTaskId).toBeUndefined();
    expect(read.encrypted_task_id).toBe('x');
  });

  it('refuses a member of another type', () => {
    for (const value of [7, true, ['x'], { id: 'x' }]) {
      expect(taskRegistrationResponseSchema.safeParse({ task_id: value }).success).toBe(false);
    }
  });
});
