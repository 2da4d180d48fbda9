import { type AgentIdentityError, coreError, describeType } from '../errors.js';

/**
 * Creates the `invalid_argument` error for an argument of the wrong kind. The message names the kind of the value, never
 * the value.
 *
 * @example
 * ```ts
 * import { invalidArgument } from 'agent-identity-core/http';
 *
 * const error = invalidArgument('baseUrl', 'an absolute URL', 42);
 * // error.message === 'baseUrl: expected an absolute URL, got a number'
 * ```
 */
export function invalidArgument(
  name: string,
  expected: string,
  value: unknown,
): AgentIdentityError<'invalid_argument'> {
  return coreError('invalid_argument', `${name}: expected ${expected}, got ${describeType(value)}`);
}

/**
 * Requires an object, such as a bag of options.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireObject } from 'agent-identity-core/http';
 *
 * requireObject({ timeoutSeconds: 5 }, 'options');
 * ```
 */
export function requireObject(value: unknown, name: string): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArgument(name, 'an object', value);
  }
}

/**
 * Requires an object with the named methods. Use it for arguments that only JavaScript callers can get wrong: a store, an
 * observer, a key given as a string.
 *
 * @param expected Completes `expected …`, such as `an AgentDirectory`.
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireMethods } from 'agent-identity-core/http';
 *
 * requireMethods({ load() {}, save() {} }, ['load', 'save'], 'store', 'an AuthStore');
 * ```
 */
export function requireMethods(
  value: unknown,
  methods: readonly string[],
  name: string,
  expected: string,
): asserts value is object {
  if (typeof value !== 'object' || value === null) throw invalidArgument(name, expected, value);
  const missing = methods.find((method) => typeof Reflect.get(value, method) !== 'function');
  if (missing === undefined) return;
  throw coreError(
    'invalid_argument',
    `${name}: expected ${expected}, got an object without the method ${missing}`,
  );
}

/**
 * Requires a finite number of seconds within bounds, both inclusive.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireSeconds } from 'agent-identity-core/http';
 *
 * requireSeconds(30, 'timeoutSeconds', { min: 1, max: 3600 });
 * ```
 */
export function requireSeconds(
  value: number,
  name: string,
  { min = 0, max }: { readonly min?: number | undefined; readonly max?: number | undefined } = {},
): void {
  if (Number.isFinite(value) && value >= min && value <= (max ?? value)) return;
  const expected = max === undefined ? `seconds, ${min} or more` : `seconds from ${min} to ${max}`;
  const got = typeof value === 'number' ? String(value) : describeType(value);
  throw coreError('invalid_argument', `${name}: expected ${expected}, got ${got}`);
}
