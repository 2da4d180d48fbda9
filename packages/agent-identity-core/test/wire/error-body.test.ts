import { errorBodySchema, isAgentRuntimeDeleted, isTaskGone, readErrorBody } from 'agent-identity-core/wire';
import { describe, expect, it } from 'vitest';

describe('errorBodySchema', () => {
  it('reads message, code and type, and drops the rest', () => {
    const body = {
      error: { message: 'gone', code: 'task_expired', type: 'invalid_request_error', param: null },
    };
    expect(errorBodySchema.parse({ ...body, request_id: 'x' })).toEqual({
      error: { message: 'gone', code: 'task_expired', type: 'invalid_request_error' },
    });
  });

  it('reads a body with no code, or a null one', () => {
    expect(errorBodySchema.parse({ error: { message: 'Agent runtime has been deleted.' } })).toEqual({
      error: { message: 'Agent runtime has been deleted.' },
    });
    expect(errorBodySchema.safeParse({ error: { message: 'x', code: null, type: null } }).success).toBe(true);
  });

  it('reads a body with a code and no message', () => {
    expect(errorBodySchema.parse({ error: { code: 'invalid_agent_runtime_id' } })).toEqual({
      error: { code: 'invalid_agent_runtime_id' },
    });
  });

  it('refuses other bodies', () => {
    for (const body of [null, [], 'task_expired', {}, { error: 'task_expired' }, { error: { message: 7 } }]) {
      expect(errorBodySchema.safeParse(body).success).toBe(false);
    }
  });
});

describe('readErrorBody', () => {
  it.each<[string, unknown, unknown]>([
    [
      'error as an object',
      { error: { code: 'task_expired', message: 'gone', type: 'x', param: null } },
      { code: 'task_expired', message: 'gone', type: 'x' },
    ],
    ['error as a code', { error: 'invalid_task_id' }, { code: 'invalid_task_id' }],
    ['error as a sentence', { error: 'Something broke.' }, { message: 'Something broke.' }],
    ['error as one word', { error: 'Unauthorized' }, { message: 'Unauthorized' }],
    ['a message at the top level', { message: 'task not found' }, { message: 'task not found' }],
    ['a code at the top level', { code: 'token_revoked' }, { code: 'token_revoked' }],
    ['detail as an object', { detail: { code: 'task_not_found' } }, { code: 'task_not_found' }],
    ['detail as a sentence', { detail: 'Unauthorized' }, { message: 'Unauthorized' }],
    [
      'an error before detail and top level',
      { code: 'a_c', detail: { code: 'a_b' }, error: 'a_a' },
      { code: 'a_a' },
    ],
    [
      'a code without message, and a message elsewhere',
      { error: 'invalid_task_id', message: 'gone' },
      { code: 'invalid_task_id', message: 'gone' },
    ],
    ['members of other types one by one', { error: { code: 7, message: 'x', type: null } }, { message: 'x' }],
    [
      'the captured body of a deleted runtime',
      {
        error: {
          message: 'Agent runtime has been deleted.',
          type: null,
          code: 'biscuit_baker_service_agent_error_status',
          param: null,
        },
        status: 403,
      },
      {
        code: 'biscuit_baker_service_agent_error_status',
        message: 'Agent runtime has been deleted.',
      },
    ],
  ])('reads %s', (_form, body, expected) => {
    expect(readErrorBody(body)).toEqual(expected);
  });

  it.each([
    null,
    undefined,
    7,
    'invalid_task_id',
    [],
    ['invalid_task_id'],
    {},
    { error: null },
    { error: [] },
    { error: '' },
  ])('finds nothing in %j', (body) => {
    expect(readErrorBody(body)).toBeUndefined();
  });
});

describe('isTaskGone', () => {
  it.each([
    { error: { code: 'invalid_task_id' } },
    { error: { code: 'task_not_found' } },
    { error: { code: 'task_expired', message: 'x' } },
    { error: 'invalid_task_id' },
    { message: 'task not found' },
    { detail: { code: 'task_not_found' } },
  ])('is true for %j', (body) => {
    expect(isTaskGone(readErrorBody(body))).toBe(true);
  });

  it.each([
    { detail: 'Unauthorized' },
    { error: { code: 'deactivated_workspace' } },
    { error: { code: 'token_invalidated', message: 'task not found' } },
    { error: { code: 'token_expired' } },
    { error: 'token_revoked' },
    { error: { code: 'usage_limit_reached', resets_in_seconds: 7 } },
    { message: 'the task not found in the list is invalid_task_id' },
    { error: { message: 'invalid_task_id' } },
    {},
  ])('is false for %j', (body) => {
    expect(isTaskGone(readErrorBody(body))).toBe(false);
  });
});

describe('isAgentRuntimeDeleted', () => {
  it.each([
    { error: { message: 'Agent runtime has been deleted.', code: 'any_code' } },
    { error: 'Agent runtime has been deleted.' },
    { detail: 'Agent runtime has been deleted.' },
    { message: 'Agent runtime has been deleted.' },
  ])('is true for %j', (body) => {
    expect(isAgentRuntimeDeleted(readErrorBody(body))).toBe(true);
  });

  it.each([{ message: 'Not so: Agent runtime has been deleted.' }, { error: 'task_not_found' }, {}])(
    'is false for %j',
    (body) => {
      expect(isAgentRuntimeDeleted(readErrorBody(body))).toBe(false);
    },
  );
});
