import { isAgentIdentityError } from 'agent-identity-core';
import { exitCodeFor } from '../program/exit-codes.js';
import { describeError } from '../program/format-error.js';
import { remedyFor } from './remedies.js';

/** What one check found. Contains no secret. */
export interface Finding {
  /** Such as `login`. */
  readonly check: string;
  readonly ok: boolean;
  readonly message: string;
  /** The code of the problem, how to mend it, and the exit code of its kind. */
  readonly problem?: { readonly code: string; readonly remedy: string; readonly exitCode: number };
}

export function passed(check: string, message: string): Finding {
  return { check, ok: true, message };
}

/** A problem that an error shows. */
export function failed(check: string, error: unknown): Finding {
  const { code, message } = describeError(error);
  const remedy = remedyFor(isAgentIdentityError(error) ? error.code : code);
  return { check, ok: false, message, problem: { code, remedy, exitCode: exitCodeFor(error) } };
}
