import type { IncomingMessage, ServerResponse } from 'node:http';
import type { VerificationFailureResponse } from '../verification-failure-response.js';
import type { ReceivedRequest } from './create-request-authenticator.js';

/** The headers of a Node request, or of an object that stands in for one. */
export type NodeHeaders = Pick<IncomingMessage, 'rawHeaders' | 'headers'>;

/** Reads the parts of a Node request that are verified. */
export function readNodeRequest(request: NodeHeaders, clientAddress: string | undefined): ReceivedRequest {
  return {
    readHeader: (name) => readHeader(request, name),
    clientAddress,
    isTruncated: mayBeTruncated(request.rawHeaders),
  };
}

/**
 * Whether Node may have dropped headers: by default it silently ignores all after the first thousand or so
 * (`maxHeadersCount` of `node:http`), and among them may be a second `Authorization` header.
 */
export function mayBeTruncated(rawHeaders: readonly string[]): boolean {
  return rawHeaders.length >= 1900;
}

/**
 * Reads a header and joins repeated values by commas, as the Fetch standard does. Node keeps only the first
 * `Authorization` header, so the verified value could differ from the one that a proxy in front has read. Joined values
 * are never a valid assertion.
 */
function readHeader({ rawHeaders, headers }: NodeHeaders, name: string): string | undefined {
  const values = rawHeaders.filter((_value, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
  // Requests that an adapter created may have no raw headers.
  return values.length === 0 ? headers[name]?.toString() : values.join(', ');
}

/** Sends a refusal. Does nothing if something else, such as a time limit, has already responded. */
export function sendRefusal(
  response: ServerResponse,
  { status, headers, body }: VerificationFailureResponse,
): void {
  if (response.headersSent) return;
  response.writeHead(status, headers).end(JSON.stringify(body));
}
