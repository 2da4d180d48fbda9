import type { ServerResponse } from 'node:http';
import type { VerificationFailureResponse } from '../verification-failure-response.js';

export function writeRefusal(
  response: ServerResponse,
  { status, headers, body }: VerificationFailureResponse,
): void {
  response.writeHead(status, headers).end(JSON.stringify(body));
}
