import {
  issueAgentIdentityResponseSchema,
  rotateSigningKeyResponseSchema,
  verifyAuditLogResponseSchema,
} from 'agent-identity-authority-core/admin-wire';
import type { HttpEffects } from 'agent-identity-core/http';
import { readBoundedText, redactCredentials, requireSecureUrl } from 'agent-identity-core/http';
import { errorBodySchema } from 'agent-identity-core/wire';
import * as z from 'zod';
import { programError } from '../errors.js';
import type { AdminClient } from './admin-client.js';

/** A running authority, and the right to administrate it. */
export interface RemoteAdminClientOptions {
  /** Its URL with the base path; `https:`, or `http:` to loopback. */
  readonly url: string;
  /** **Secret.** */
  readonly token: string;
}

const maxBytes = 1_048_576;

/**
 * Speaks to the administration API of a running authority.
 *
 * @throws AgentIdentityError `insecure_url`; its calls `authority_refused`, and `authority_unreachable`
 */
export function remoteAdminClient(
  { url, token }: RemoteAdminClientOptions,
  fetch: NonNullable<HttpEffects['fetch']>,
): AdminClient {
  const base = requireSecureUrl(url, 'url').href.replace(/\/$/, '');
  const post = async <Answer>(path: string, body: object, schema: z.ZodType<Answer>): Promise<Answer> => {
    const { status, text } = await posted(`${base}${path}`, body, token, fetch);
    const json = parsed(text);
    if (status === 200 || status === 201) {
      const result = schema.safeParse(json);
      if (result.success) return result.data;
      throw programError('authority_refused', 'the authority gave an answer that is none of its own');
    }
    const refusal = errorBodySchema.safeParse(json);
    const reason = refusal.success
      ? `${refusal.data.error.code}: ${refusal.data.error.message}`
      : 'no reason';
    throw programError('authority_refused', `the authority answered ${status}, ${redactCredentials(reason)}`);
  };
  const agentPath = (agentRuntimeId: string) => `/v1/admin/agents/${encodeURIComponent(agentRuntimeId)}`;
  return {
    issue: (request) => post('/v1/admin/agents', request, issueAgentIdentityResponseSchema),
    async revokeAgentRuntime(agentRuntimeId) {
      await post(`${agentPath(agentRuntimeId)}/revoke`, {}, z.unknown());
    },
    async revokeAgentTask(agentRuntimeId, taskId) {
      const task = `/tasks/${encodeURIComponent(taskId)}`;
      await post(`${agentPath(agentRuntimeId)}${task}/revoke`, {}, z.unknown());
    },
    rotateSigningKey: (request) =>
      post('/v1/admin/signing-keys/rotate', request, rotateSigningKeyResponseSchema),
    verifyAuditLog: (request) => post('/v1/admin/audit/verify', request, verifyAuditLogResponseSchema),
    close: async () => {},
  };
}

async function posted(
  url: string,
  body: object,
  token: string,
  fetch: NonNullable<HttpEffects['fetch']>,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(60_000),
    });
    return { status: answer.status, text: await readBoundedText(answer, maxBytes) };
  } catch {
    throw programError('authority_unreachable', 'the authority could not be reached', { retryable: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
