import { inspect } from 'node:util';
import { isAgentIdentityError } from 'agent-identity-jwt';
import { expect } from 'vitest';
import { agentPrivateKey, goodClaims } from './issuer.js';

type Refusal = Parameters<typeof isAgentIdentityError>[0] & {
  code: string;
  message: string;
  retryable: boolean;
  cause?: unknown;
};

/** What the promise rejects with: an error of this family that shows nothing of the token or its claims. */
export async function refusalOf(promise: Promise<unknown>, jwt?: string): Promise<Refusal> {
  const error: unknown = await promise.then(
    () => expect.fail('expected a refusal, got a result'),
    (reason: unknown) => reason,
  );
  return requireRefusal(error, jwt);
}

/** Likewise of what the function throws. */
export function refusedBy(action: () => unknown, jwt?: string): Refusal {
  let error: unknown;
  try {
    action();
  } catch (thrown) {
    error = thrown;
  }
  return requireRefusal(error, jwt);
}

function requireRefusal(error: unknown, jwt: string | undefined): Refusal {
  if (!isAgentIdentityError(error)) throw error ?? new Error('expected a refusal, got a result');
  expectNoSecret(error, jwt);
  return error as Refusal;
}

function expectNoSecret(error: Error, jwt: string | undefined): void {
  const shown = [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), String(error)].join(
    '\n',
  );
  const { agent_runtime_id, account_id, chatgpt_user_id, email } = goodClaims;
  const parts = (jwt ?? '').split('.').filter((part) => part.length > 8);
  for (const secret of [agentPrivateKey, agent_runtime_id, account_id, chatgpt_user_id, email, ...parts]) {
    expect(shown).not.toContain(secret);
  }
}
