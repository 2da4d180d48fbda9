import { generateAgentKey } from 'agent-identity-core';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';

/** Seconds since 1970: the time of most tests. */
export const now = 1_795_000_000;
export const clock = () => now * 1000;

export interface Login {
  readonly accountId?: string | undefined;
  readonly userId?: string | undefined;
  readonly email?: string | undefined;
  readonly plan?: string | undefined;
  readonly fedramp?: boolean | undefined;
  /** Seconds until the access token expires. */
  readonly expiresIn?: number;
  /** Seconds since the last refresh. */
  readonly refreshedAgo?: number;
  readonly refreshToken?: string;
}

export function jwt(payload: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(payload)}.c2ln`;
}

export function idToken({ accountId, userId, email, plan, fedramp }: Login): string {
  return jwt({
    email,
    'https://api.openai.com/auth': {
      chatgpt_user_id: userId,
      chatgpt_account_id: accountId,
      chatgpt_plan_type: plan,
      chatgpt_account_is_fedramp: fedramp,
    },
  });
}

/** An access token with a label of its own. */
export function accessToken(label: string, expiresIn = 864_000): string {
  return jwt({ jti: label, exp: now + expiresIn });
}

export const someone = {
  accountId: 'acct-1',
  userId: 'user-1',
  email: 'someone@example.test',
  plan: 'business',
} satisfies Login;

/** The text of an `auth.json` after a ChatGPT login, as the published client writes it, with more members. */
export function chatgptAuthJson(login: Login = {}, more: object = {}): string {
  const whole = { ...someone, ...login };
  const { expiresIn = 864_000, refreshedAgo = 60, refreshToken = 'refresh-token-1' } = whole;
  const document = {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: null,
    tokens: {
      id_token: idToken(whole),
      access_token: accessToken('first', expiresIn),
      refresh_token: refreshToken,
      account_id: whole.accountId,
    },
    last_refresh: new Date((now - refreshedAgo) * 1000).toISOString(),
    ...more,
  };
  return JSON.stringify(document, null, 2);
}

const key = generateAgentKey().toPkcs8Base64();

export function storedRecord(changes: Partial<AgentIdentityRecord> = {}): AgentIdentityRecord {
  return {
    agent_runtime_id: 'runtime-stored',
    agent_private_key: key,
    account_id: someone.accountId,
    chatgpt_user_id: someone.userId,
    email: someone.email,
    plan_type: someone.plan,
    chatgpt_account_is_fedramp: false,
    task_id: 'task-stored',
    ...changes,
  };
}
