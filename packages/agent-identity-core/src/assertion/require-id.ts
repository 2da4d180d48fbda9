import { type CoreErrorCode, coreError, describeType } from '../errors.js';

/** Whether a value can be an id on the wire: a string that is not blank and that can be encoded as UTF-8. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.isWellFormed();
}

/** @throws AgentIdentityError with the given code */
export function requireId(value: unknown, name: string, code: CoreErrorCode = 'invalid_argument'): void {
  if (!isId(value)) {
    throw coreError(code, `${name}: expected a non-blank Unicode string, got ${describeType(value)}`);
  }
}
