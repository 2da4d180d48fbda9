import { isAgentIdentityError } from 'agent-identity-core';
import { sqlError } from './errors.js';
import { sqlStateOf } from './sql/sql-database.js';

/** Why a store could not be opened, as one of this package's errors. The failure beneath names hosts and files. */
export function toOpenError(failure: unknown): Error {
  if (isAgentIdentityError(failure)) return failure;
  if (sqlStateOf(failure) === '42501') {
    return sqlError(
      'store_not_ready',
      'the user of the database may not do what this takes: let its owner migrate it, and grant the user its rights',
      { cause: failure },
    );
  }
  return sqlError('store_unavailable', `the store could not be opened: ${reasonOf(failure)}`, {
    retryable: true,
    cause: failure,
  });
}

function reasonOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'for an unknown reason';
  return 'code' in failure && typeof failure.code === 'string' ? failure.code : failure.message;
}
