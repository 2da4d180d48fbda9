import { isAgentIdentityError } from 'agent-identity-core';
import {
  cancelBody,
  explainForbidden,
  parseJson,
  readBoundedText,
  systemErrorCode,
} from 'agent-identity-core/http';
import { readErrorBody } from 'agent-identity-core/wire';
import { type VerificationError, verificationError } from '../errors.js';

/** The limit of a response, and of an event in a stream. */
export const maxResponseBytes = 16_384;

/** Creates the error for a response with a status that has no use, and reads or cancels its body. */
export async function refuseResponse(response: Response): Promise<VerificationError> {
  if (response.status === 403) return toForbiddenError(response);
  cancelBody(response);
  return toStatusError(response.status);
}

/** A 403 may come from the front door of the authority, which has not seen the access token. */
async function toForbiddenError(response: Response): Promise<VerificationError> {
  const text = await readBoundedText(response, maxResponseBytes, { truncate: true });
  const reason = explainForbidden(response, readErrorBody(parseJson(text))?.code);
  return reason === undefined ? refusedToken(403) : unusableResponse(reason.message);
}

function toStatusError(status: number): VerificationError {
  if (status === 401) return refusedToken(401);
  if (status === 429 || status >= 500) return outage(`status ${status}`);
  return unusableResponse(`status ${status}; check the base URL`);
}

/** Converts whatever a request failed with. */
export function toDirectoryFailure(error: unknown, timeoutSeconds: number): unknown {
  if (isAgentIdentityError(error, 'timed_out')) {
    return outage(`no complete response within ${timeoutSeconds} s`);
  }
  if (isAgentIdentityError(error, 'response_too_large')) {
    return unusableResponse(`expected at most ${maxResponseBytes} bytes`);
  }
  if (isAgentIdentityError(error)) return error;
  const code = systemErrorCode(error);
  return outage(code === undefined ? 'the connection failed' : `the connection failed (${code})`);
}

/** Creates the error for an outage, which is retryable. */
export function outage(reason: string): VerificationError {
  return verificationError('directory_unavailable', `remote directory: ${reason}`, { retryable: true });
}

/** Creates the error for an access token that is refused. */
export function unauthorized(reason: string): VerificationError {
  return verificationError('directory_unauthorized', `remote directory: ${reason}`);
}

function refusedToken(status: number): VerificationError {
  return unauthorized(`the authority refused the access token with status ${status}`);
}

/** Creates the error for a response that cannot be used. */
export function unusableResponse(reason: string): VerificationError {
  return verificationError('invalid_directory_response', `remote directory: unusable response: ${reason}`);
}
