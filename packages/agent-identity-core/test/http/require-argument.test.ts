import { invalidArgument, requireMethods, requireObject, requireSeconds } from 'agent-identity-core/http';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

it('invalidArgument names the kind of a value and not the value', () => {
  expect(invalidArgument('token', 'a bearer token', 'secret')).toMatchObject({
    code: 'invalid_argument',
    message: 'token: expected a bearer token, got a string of 6 characters',
  });
});

it.each([null, [], 'text', undefined])('requireObject refuses %o', (value) => {
  expect(thrownBy(() => requireObject(value, 'options'))).toMatchObject({ code: 'invalid_argument' });
});

it('requireMethods names the method that is missing', () => {
  requireMethods({ a() {}, b() {} }, ['a', 'b'], 'store', 'a store');
  expect(thrownBy(() => requireMethods({ a() {} }, ['a', 'b'], 'store', 'a store'))).toMatchObject({
    message: 'store: expected a store, got an object without the method b',
  });
  expect(thrownBy(() => requireMethods('x', ['a'], 'store', 'a store'))).toMatchObject({
    message: 'store: expected a store, got a string of 1 character',
  });
});

describe('requireSeconds', () => {
  it('takes both bounds', () => {
    requireSeconds(1, 'timeoutSeconds', { min: 1, max: 5 });
    requireSeconds(5, 'timeoutSeconds', { min: 1, max: 5 });
    requireSeconds(0, 'timeoutSeconds');
  });

  it.each([0.5, 6, Number.NaN, Number.POSITIVE_INFINITY, -1])('refuses %s', (value) => {
    expect(thrownBy(() => requireSeconds(value, 'timeoutSeconds', { min: 1, max: 5 }))).toMatchObject({
      code: 'invalid_argument',
      message: `timeoutSeconds: expected seconds from 1 to 5, got ${value}`,
    });
  });

  it('names the kind of what is not a number', () => {
    expect(thrownBy(() => requireSeconds('5' as unknown as number, 'ttl'))).toMatchObject({
      message: 'ttl: expected seconds, 0 or more, got a string of 1 character',
    });
  });
});
