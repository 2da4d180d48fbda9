import { type CodedError, printedForms, thrownBy } from 'test-support';
import { expect } from 'vitest';
import { agentPrivateKey, goodClaims } from './issuer.js';

/** Returns the error that the promise rejects with; fails if it shows anything of the token or its claims. */
export async function refusalOf(promise: Promise<unknown>, jwt?: string): Promise<CodedError> {
  const error = await thrownBy(() => promise);
  expectNoSecret(error, jwt);
  return error;
}

/** Returns the error that the function throws; fails if it shows anything of the token or its claims. */
export function refusedBy(action: () => unknown, jwt?: string): CodedError {
  const error = thrownBy(action);
  expectNoSecret(error, jwt);
  return error;
}

function expectNoSecret(error: Error, jwt: string | undefined): void {
  const shown = printedForms(error);
  const { agent_runtime_id, account_id, chatgpt_user_id, email } = goodClaims;
  const parts = (jwt ?? '').split('.').filter((part) => part.length > 8);
  for (const secret of [agentPrivateKey, agent_runtime_id, account_id, chatgpt_user_id, email, ...parts]) {
    expect(shown).not.toContain(secret);
  }
}
