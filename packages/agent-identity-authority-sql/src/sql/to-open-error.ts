import { isAgentIdentityError } from 'agent-identity-core';
import { systemErrorCode } from 'agent-identity-core/http';
import { sqlError } from '../errors.js';
import { sqlStateOf } from './sql-database.js';

/**
 * Converts the reason why a store could not be opened to an error of this package.
 *
 * @param store What could not be opened, such as a host and a database; without a user or a password.
 */
export function toOpenError(failure: unknown, store: string): Error {
  if (isAgentIdentityError(failure) && failure.code !== 'timed_out') return failure;
  const sqlState = sqlStateOf(failure);
  if (sqlState === '42501') {
    return sqlError(
      'store_not_ready',
      `the database user lacks rights on ${store}: let the owner of the schema migrate it, and grant the user access`,
      { cause: failure },
    );
  }
  const code = sqlState ?? systemErrorCode(failure);
  const reason = explainRefusedParameter(failure) ?? explanations[code ?? ''] ?? messageOf(failure);
  const suffix = code === undefined ? '' : ` (${code})`;
  return sqlError('store_unavailable', `${store} could not be opened: ${reason}${suffix}`, {
    retryable: true,
    cause: failure,
  });
}

const wrongCredentials = 'the server refuses the user or the password';

/** By SQLSTATE, or by the system's error code. */
const explanations: Readonly<Record<string, string>> = {
  '3D000': 'there is no such database',
  '28000': wrongCredentials,
  '28P01': wrongCredentials,
  '53300': 'the server has too many connections',
  '57P03': 'the server is starting or stopping',
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'there is no such file or socket',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be resolved',
  ECONNRESET: 'the server closed the connection',
  ETIMEDOUT: 'the host does not respond',
  EHOSTUNREACH: 'the host cannot be reached',
  EACCES: 'the file system denies access',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the file system is full',
};

/** PgBouncer refuses startup parameters that it does not know. */
function explainRefusedParameter(failure: unknown): string | undefined {
  const [, parameter] =
    /unsupported startup parameter(?: in options)?:? "?(\w+)/.exec(messageOf(failure)) ?? [];
  return (
    parameter &&
    `the pooler refuses the startup parameter ${parameter}: add it to ignore_startup_parameters of PgBouncer, or connect without the pooler`
  );
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : 'unknown reason';
}
