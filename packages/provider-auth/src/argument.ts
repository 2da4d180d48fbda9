import { describeType } from 'agent-identity-core';
import { type ProviderAuthError, providerAuthError } from './errors.js';

export function invalidArgument(name: string, expected: string, value: unknown): ProviderAuthError {
  return providerAuthError('invalid_argument', `${name}: expected ${expected}, got ${describeType(value)}`);
}

/** @throws AgentIdentityError `invalid_argument` */
export function requireObject(value: unknown, name: string): void {
  if (!isObject(value)) throw invalidArgument(name, 'an object', value);
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

export function hasMethods(value: unknown, methods: readonly string[]): boolean {
  return isObject(value) && methods.every((method) => typeof Reflect.get(value, method) === 'function');
}

/**
 * Requires effects of which each one that is given can be called.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireEffects(effects: unknown): void {
  requireObject(effects, 'effects');
  for (const name of ['fetch', 'clock', 'sleep', 'random']) {
    const effect: unknown = Reflect.get(Object(effects), name);
    if (effect !== undefined && typeof effect !== 'function')
      throw invalidArgument(name, 'a function', effect);
  }
  const signal: unknown = Reflect.get(Object(effects), 'signal');
  if (signal !== undefined && !hasMethods(signal, ['throwIfAborted', 'addEventListener'])) {
    throw invalidArgument('signal', 'an AbortSignal', signal);
  }
}
