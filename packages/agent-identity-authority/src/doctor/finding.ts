import { isAgentIdentityError } from 'agent-identity-core';
import { exitCodeFor, exitCodes } from '../commands/exit-codes.js';
import { explainError } from '../commands/format-error.js';
import { remedyFor } from './remedies.js';

/** What one check found. Contains no secret. */
export interface Finding {
  /** Such as `store`. */
  readonly check: string;
  /** A warning is for later; a problem stops something now. */
  readonly level: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** Of a warning or problem: its code, how to mend it, and the exit code of its kind. */
  readonly problem?: { readonly code: string; readonly remedy: string; readonly exitCode: number };
}

export function passed(check: string, message: string): Finding {
  return { check, level: 'ok', message };
}

/** A problem that an error shows. */
export function failed(check: string, error: unknown): Finding {
  const { code = 'failure', message } = explainError(error);
  const remedy = remedyFor(isAgentIdentityError(error) ? error.code : code);
  return { check, level: 'problem', message, problem: { code, remedy, exitCode: exitCodeFor(error) } };
}

/** A warning or problem that a check found. */
export function found(
  level: 'warning' | 'problem',
  check: string,
  { code, message }: { readonly code: string; readonly message: string },
): Finding {
  return {
    check,
    level,
    message,
    problem: { code, remedy: remedyFor(code), exitCode: exitCodes.invalid },
  };
}
