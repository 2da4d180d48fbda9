import { type AgentKey, readAgentKey } from 'agent-identity-core';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';

/** The first key of the conformance vectors: its seed is 32 times 0x07. */
export const pkcs8 = 'MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';
export const agentKey: AgentKey = readAgentKey(pkcs8);
export const otherPkcs8 = 'MC4CAQAwBQYDK2VwBCIEIHBnbkPpGuG/zlsqtNsbAWq5WfBjQRhLAbXOk1IsDakX';

/** The second of the vectors. */
export const signedAt: number = Date.UTC(2026, 3, 23);

/** What `agent-123` sends at that second; the signature is OpenSSL's, from the vectors. */
export const registrationBody =
  '{"timestamp":"2026-04-23T00:00:00Z","signature":"3HXOrVnOX7USh8WvXXCZnUyrvwUdaWFME6ZQv+foYCmk7QXzPpNPLR/Qe26X9XkHB2SGAZjnOifmm39FXjdACA=="}';

/** The header of `agent-123` and `task-123` at that second, from the vectors. */
export const assertionHeader =
  'AgentAssertion eyJhZ2VudF9ydW50aW1lX2lkIjoiYWdlbnQtMTIzIiwic2lnbmF0dXJlIjoiK0dsck9LUi9GSHh4aGttT2hnNWhqMTkrNU83aE0yTWd4TnJnVGZSZ0lYOENZbjEzQUpFU3Y1eVhrd3dVQzlqRGQ4Y3ZRUk11MWY4UHliZjYvTEJnRHc9PSIsInRhc2tfaWQiOiJ0YXNrLTEyMyIsInRpbWVzdGFtcCI6IjIwMjYtMDQtMjNUMDA6MDA6MDBaIn0';

export const record: AgentIdentityRecord = {
  agent_runtime_id: 'agent-123',
  agent_private_key: pkcs8,
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  email: 'someone@example.test',
  plan_type: 'pro',
  chatgpt_account_is_fedramp: false,
};
