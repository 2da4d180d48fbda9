import { isAgentIdentityError } from 'agent-identity-core';
import { printable } from 'agent-identity-core/terminal';
import { describeError } from '../server/logger.js';
import { exitCodeFor } from './exit-codes.js';

const hints: Readonly<Record<string, string>> = {
  store_in_use: '; if a server has it open, use --url',
  master_key_required:
    '; create one with: openssl rand -base64 32 > master.key, and pass --master-key-file master.key',
};

/** An error as one line for people. */
export function formatError(error: unknown): string {
  const { code, message } = explainError(error);
  return printable(code === undefined ? message : `${code}: ${message}`);
}

/** An error as one line of JSON for programs. */
export function formatErrorAsJson(error: unknown): string {
  const { code = 'failure', message } = explainError(error);
  const retryable = isAgentIdentityError(error) && error.retryable;
  return JSON.stringify({ error: { code, message, retryable, exit_code: exitCodeFor(error) } });
}

/** Errors of this family contain no secrets; other messages are redacted. */
export function explainError(error: unknown): { readonly code?: string; readonly message: string } {
  if (!isAgentIdentityError(error)) return describeError(error);
  return { code: error.code, message: `${error.message}${hints[error.code] ?? ''}` };
}
