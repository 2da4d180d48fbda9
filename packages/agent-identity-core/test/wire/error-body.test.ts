import { errorBodySchema } from 'agent-identity-core/wire';
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
