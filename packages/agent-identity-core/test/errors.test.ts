import { inspect } from 'node:util';
import { AgentIdentityError, describeType, isAgentIdentityError, readAgentKey } from 'agent-identity-core';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

describe('an AgentIdentityError', () => {
  it('has a code, a message and its name, and is an Error with a stack', () => {
    const error = thrownBy(() => readAgentKey(''));
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(AgentIdentityError);
    expect(error.name).toBe('AgentIdentityError');
    expect(error.code).toBe('invalid_agent_key');
    expect(String(error)).toBe(`AgentIdentityError: ${error.message}`);
    expect(error.stack).toContain('errors.test.ts');
  });

  it('is not retryable and has no cause by default', () => {
    const error = new AgentIdentityError('some_code', 'message');
    expect(error.retryable).toBe(false);
    expect('cause' in error).toBe(false);
    const cause = new Error('beneath');
    const other = new AgentIdentityError('some_code', 'message', { retryable: true, cause });
    expect(other.retryable).toBe(true);
    expect(other.cause).toBe(cause);
  });

  it('shows its code when printed', () => {
    expect(inspect(new AgentIdentityError('some_code', 'message'))).toContain("code: 'some_code'");
  });
});

describe('isAgentIdentityError', () => {
  it('recognizes errors from another copy of the package', async () => {
    const url = new URL('../dist/errors.js', import.meta.url);
    const copy: typeof import('../dist/errors.js') = await import(/* @vite-ignore */ `${url}?another-copy`);
    expect(copy.AgentIdentityError).not.toBe(AgentIdentityError);
    const foreign = new copy.AgentIdentityError('some_code', 'message');
    expect(foreign).not.toBeInstanceOf(AgentIdentityError);
    expect(isAgentIdentityError(foreign)).toBe(true);
    expect(copy.isAgentIdentityError(thrownBy(() => readAgentKey('')))).toBe(true);
  });

  it('recognizes errors of a class that another package derived', () => {
    class RegistrationError extends AgentIdentityError<'registration_failed'> {
      override readonly name = 'RegistrationError';
    }
    const error = new RegistrationError('registration_failed', 'message', { retryable: true });
    expect(isAgentIdentityError(error)).toBe(true);
    expect(String(error)).toBe('RegistrationError: message');
  });

  it.each<[string, unknown]>([
    ['another error', new Error('message')],
    ['an error with a code', Object.assign(new Error('message'), { code: 'invalid_agent_key' })],
    ['an object of the same shape', { name: 'AgentIdentityError', code: 'invalid_agent_key', message: '' }],
    ['undefined', undefined],
    ['null', null],
    ['a string', 'AgentIdentityError'],
    ['the class', AgentIdentityError],
  ])('returns false for %s', (_form, value) => {
    expect(isAgentIdentityError(value)).toBe(false);
  });
});

describe('describeType', () => {
  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['', 'an empty string'],
    ['secret', 'a string of 6 characters'],
    ['secret\n', 'a string of 7 characters that ends with a line end (LF)'],
    ['secret\r\n', 'a string of 8 characters that ends with a line end (CRLF)'],
    ['a\nsecret', 'a string of 8 characters with a line end inside'],
    ['\uFEFFsecret', 'a string of 7 characters that begins with a byte order mark (BOM)'],
    [7, 'a number'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [true, 'a value of type boolean'],
    [7n, 'a value of type bigint'],
    [Symbol('secret'), 'a value of type symbol'],
    [['secret'], 'an array'],
    [{ secret: 'secret' }, 'a value of type object'],
    [() => 'secret', 'a value of type function'],
  ])('names the kind of %o and never the value', (value, kind) => {
    expect(describeType(value)).toBe(kind);
  });
});

describe('isAgentIdentityError with codes', () => {
  const error: unknown = new AgentIdentityError('invalid_argument', 'test');

  it('narrows the code of the error to the given literals', () => {
    if (!isAgentIdentityError(error, 'invalid_argument', 'timed_out')) throw new Error('expected a match');
    const code: 'invalid_argument' | 'timed_out' = error.code;
    expect(code).toBe('invalid_argument');
    expect(isAgentIdentityError(error, 'timed_out')).toBe(false);
    expect(isAgentIdentityError(new Error('other'), 'timed_out')).toBe(false);
  });

  it('works as a callback of array methods', () => {
    expect([error, error].every(isAgentIdentityError)).toBe(true);
    expect([error, new Error('other')].filter(isAgentIdentityError)).toEqual([error]);
  });
});
