import { startAuthorityServer } from 'agent-identity-authority/server';
import { expect, onTestFinished } from 'vitest';

const adminToken = 'admin-token-of-the-command-line-0123456789';

/** A running authority that keeps its data in memory. */
export interface StartedAuthority {
  readonly url: string;
  /** The environment of a client of this authority. */
  readonly environment: Readonly<Record<string, string>>;
  /** Issues an identity for account-1. */
  issue(): Promise<{ readonly agent_runtime_id: string; readonly jwt: string }>;
  /** Creates an enrollment token for account-1 with these members. */
  enrollmentToken(members?: object): Promise<string>;
  /** What the administrator sees at a path. */
  show(path: string): Promise<unknown>;
  revoke(agentRuntimeId: string): Promise<void>;
}

/** Starts an authority until the test is over. */
export async function startAuthority(): Promise<StartedAuthority> {
  const { url, stop } = await startAuthorityServer({
    store: 'memory:',
    port: 0,
    operationsPort: 0,
    administrators: { token: adminToken },
    log: { write() {} },
  });
  onTestFinished(() => stop());
  const post = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await response.text();
    expect([200, 201], text).toContain(response.status);
    return JSON.parse(text);
  };
  const account = {
    account_id: 'account-1',
    chatgpt_user_id: 'user-1',
    plan_type: 'business',
    is_fedramp: false,
  };
  return {
    url,
    environment: {
      CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: url,
      CODEX_AGENT_IDENTITY_JWKS_BASE_URL: url,
    },
    issue: () => post('/v1/admin/agents', { account }),
    enrollmentToken: async (members = {}) =>
      (await post('/v1/admin/enrollment-tokens', { account, ...members })).token,
    show: async (path) =>
      (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${adminToken}` } })).json(),
    revoke: async (id) => void (await post(`/v1/admin/agents/${id}/revoke`, {})),
  };
}
