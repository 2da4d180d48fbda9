import type { ReceivedRequest } from './create-request-authenticator.js';

/** A server on Node drops the headers after the first thousand or so; see `mayBeTruncated`. */
const maxValues = 950;

/** Reads the parts of a request of the Fetch standard that are verified. */
export function readFetchRequest({ headers }: Request): ReceivedRequest {
  return {
    readHeader: (name) => headers.get(name) ?? undefined,
    clientAddress: undefined,
    isTruncated: countValues(headers) >= maxValues,
  };
}

/** The values of a repeated header are joined by a comma and a space. */
function countValues(headers: Headers): number {
  let count = 0;
  for (const [, value] of headers) count += value.split(', ').length;
  return count;
}
