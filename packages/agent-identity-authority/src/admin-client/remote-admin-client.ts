import {
  adminEnrollmentTokenPageSchema,
  adminEnrollmentTokenSchema,
  adminInstancePageSchema,
  adminInstanceSchema,
  changedInstancesSchema,
  createEnrollmentTokenResponseSchema,
  issueAgentIdentityResponseSchema,
  pruneAuditLogResponseSchema,
  rotateSigningKeyResponseSchema,
  verifyAuditLogResponseSchema,
} from 'agent-identity-authority-core/admin-wire';
import { isAgentIdentityError } from 'agent-identity-core';
import {
  parseJson,
  readBoundedText,
  redactCredentials,
  requireBaseUrl,
  systemErrorCode,
  withDeadline,
} from 'agent-identity-core/http';
import { errorBodySchema } from 'agent-identity-core/wire';
import * as z from 'zod';
import { remoteLogReader } from '../audit-log/remote-log-reader.js';
import { programError } from '../errors.js';
import type { AdminClient } from './admin-client.js';

/** Options for `createRemoteAdminClient`. */
export interface CreateRemoteAdminClientOptions {
  /** The authority's URL with the base path; `https:`, or `http:` to loopback. */
  readonly url: string;
  /** **Secret.** */
  readonly token: string;
}

const maxBytes = 1_048_576;
const timeoutSeconds = 60;

/**
 * Creates a client for the administration API of a running authority.
 *
 * @throws AgentIdentityError `invalid_configuration`, `invalid_base_url`; its methods throw `authority_refused` and
 * `authority_unreachable`
 */
export function createRemoteAdminClient(
  { url, token }: CreateRemoteAdminClientOptions,
  fetch: typeof globalThis.fetch,
): AdminClient {
  const baseUrl = requireUrl(url);
  const send = async <Body>(
    path: string,
    body: object | undefined,
    schema: z.ZodType<Body>,
  ): Promise<Body> => {
    const { status, text } = await sendRequest(`${baseUrl}${path}`, body, token, fetch);
    if (status !== 200 && status !== 201) throw toRefusal(status, text);
    const result = schema.safeParse(parseJson(text));
    if (result.success) return result.data;
    throw programError('authority_refused', 'the response does not come from an authority');
  };
  const post = <Body>(path: string, body: object, schema: z.ZodType<Body>) => send(path, body, schema);
  const get = <Body>(path: string, schema: z.ZodType<Body>) => send(path, undefined, schema);
  const instancePath = (id: string) => `/v1/admin/instances/${encodeURIComponent(id)}`;
  const agentPath = (agentRuntimeId: string) => `/v1/admin/agents/${encodeURIComponent(agentRuntimeId)}`;
  return {
    issue: (request) => post('/v1/admin/agents', request, issueAgentIdentityResponseSchema),
    async changeAgentRuntime(agentRuntimeId, change) {
      await post(`${agentPath(agentRuntimeId)}/${change}`, {}, z.unknown());
    },
    async revokeAgentTask(agentRuntimeId, taskId) {
      const task = `/tasks/${encodeURIComponent(taskId)}`;
      await post(`${agentPath(agentRuntimeId)}${task}/revoke`, {}, z.unknown());
    },
    listInstances: (query) => get(`/v1/admin/instances?${toSearch(query)}`, adminInstancePageSchema),
    showInstance: (id) => get(instancePath(id), adminInstanceSchema),
    changeInstance: (id, change) => post(`${instancePath(id)}/${change}`, {}, adminInstanceSchema),
    changeInstances: (selector, change) =>
      post(`/v1/admin/instances/${change}`, selector, changedInstancesSchema),
    createEnrollmentToken: (request) =>
      post('/v1/admin/enrollment-tokens', request, createEnrollmentTokenResponseSchema),
    listEnrollmentTokens: (query) =>
      get(`/v1/admin/enrollment-tokens?${toSearch(query)}`, adminEnrollmentTokenPageSchema),
    revokeEnrollmentToken: (id) =>
      post(`/v1/admin/enrollment-tokens/${encodeURIComponent(id)}/revoke`, {}, adminEnrollmentTokenSchema),
    rotateSigningKey: (request) =>
      post('/v1/admin/signing-keys/rotate', request, rotateSigningKeyResponseSchema),
    verifyAuditLog: (request) => post('/v1/admin/audit/verify', request, verifyAuditLogResponseSchema),
    pruneAuditLog: (request) => post('/v1/admin/audit/prune', request, pruneAuditLogResponseSchema),
    log: remoteLogReader({ url: `${baseUrl}/v1/audit/log`, token }, fetch),
    close: async () => {},
  };
}

/** The error of core names an option that the command line does not have. */
function requireUrl(url: string): string {
  try {
    return requireBaseUrl(url, 'url');
  } catch (error) {
    if (!isAgentIdentityError(error, 'insecure_url')) throw error;
    throw programError(
      'invalid_configuration',
      'url: expected https:, or http: to this machine, without a password',
    );
  }
}

function toSearch(query: object): string {
  const members = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(Object.fromEntries(members)).toString();
}

/** Sends a POST with a body, or a GET without one. */
async function sendRequest(
  url: string,
  body: object | undefined,
  token: string,
  fetch: typeof globalThis.fetch,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    return await withDeadline({ timeoutSeconds }, async (signal) => {
      const response = await fetch(url, {
        ...(body === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(body) }),
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        redirect: 'error',
        signal,
      });
      return { status: response.status, text: await readBoundedText(response, maxBytes) };
    });
  } catch (error) {
    throw programError('authority_unreachable', `${url} could not be reached: ${explainFailure(error)}`, {
      retryable: true,
    });
  }
}

/** Not the error's own message, which may quote headers. */
function explainFailure(error: unknown): string {
  if (isAgentIdentityError(error, 'timed_out')) return `no response within ${timeoutSeconds} s`;
  if (isAgentIdentityError(error, 'response_too_large')) return `a response of more than ${maxBytes} bytes`;
  return systemErrorCode(error) ?? 'the connection failed, or the response is a redirect';
}

function toRefusal(status: number, text: string): Error {
  const { data } = errorBodySchema.safeParse(parseJson(text));
  const reason = data === undefined ? 'without a reason' : `${data.error.code}: ${data.error.message}`;
  return programError(
    'authority_refused',
    `the authority responded with ${status}, ${redactCredentials(reason)}`,
  );
}
