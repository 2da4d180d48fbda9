import { type CoreErrorCode, coreError, describeType } from '../errors.js';

/** Whether a value can stand for an id on the wire: a string with something in it, and writable as UTF-8. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.isWellFormed();
}

/** @throws AgentIdentityError `invalid_argument`, or the code given */
export function requireId(value: unknown, name: string, code: CoreErrorCode = 'invalid_argument'): void {
  if (!isId(value)) {
    throw coreError(code, `${name}: expected a non-blank Unicode string, got ${describeType(value)}`);
  }
}
