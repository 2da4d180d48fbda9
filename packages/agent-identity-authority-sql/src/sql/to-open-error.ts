import { isAgentIdentityError } from 'agent-identity-core';
import { systemErrorCode } from 'agent-identity-core/http';
import { sqlError } from '../errors.js';
import { sqlStateOf } from './sql-database.js';

/** Converts the reason why a store could not be opened to an error of this package. The cause names hosts and files. */
export function toOpenError(failure: unknown): Error {
  if (isAgentIdentityError(failure) && failure.code !== 'timed_out') return failure;
  if (sqlStateOf(failure) === '42501') {
    return sqlError(
      'store_not_ready',
      'the database user lacks rights: let the owner of the schema migrate it, and grant the user access',
      { cause: failure },
    );
  }
  return sqlError('store_unavailable', `the store could not be opened: ${reasonOf(failure)}`, {
    retryable: true,
    cause: failure,
  });
}

function reasonOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'unknown reason';
  return sqlStateOf(failure) ?? systemErrorCode(failure) ?? failure.message;
}
