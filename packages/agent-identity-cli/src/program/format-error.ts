import { isAgentIdentityError } from 'agent-identity-core';
import { redactCredentials, systemErrorCode } from 'agent-identity-core/http';
import { printable } from 'agent-identity-core/terminal';
import { exitCodeFor } from './exit-codes.js';

/** An error as one line for people. */
export function formatError(error: unknown): string {
  const { code, message } = describeError(error);
  return `agent-identity: ${code}: ${printable(message)}\n`;
}

/** An error as one line of JSON for programs. */
export function formatErrorAsJson(error: unknown): string {
  const retryable = isAgentIdentityError(error) && error.retryable;
  const described = { ...describeError(error), retryable, exit_code: exitCodeFor(error) };
  return `${JSON.stringify({ error: described })}\n`;
}

/** Errors of this family contain no secrets; other messages are redacted. */
export function describeError(error: unknown): { readonly code: string; readonly message: string } {
  if (isAgentIdentityError(error)) return { code: error.code, message: error.message };
  const message = error instanceof Error ? redactCredentials(error.message) : 'unknown error';
  return { code: systemErrorCode(error) ?? 'failure', message };
}
