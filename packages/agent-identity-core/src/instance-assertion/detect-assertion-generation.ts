import { schemePrefix } from '../assertion/format-agent-assertion.js';

/** 1: an agent assertion (docs/protocol.md section 3). 2: an instance assertion (docs/protocol-instances.md section 4). */
export type AssertionGeneration = 1 | 2;

/**
 * Detects the generation of an assertion. Both generations use the same `Authorization` scheme: the first is one base64url
 * word, the second has dots (docs/protocol-instances.md section 4). Nothing else is checked: pass the value to
 * `parseAgentAssertion` or `parseInstanceAssertion`.
 *
 * @param authorization The value of `Authorization`. A **secret**; nothing of it is kept.
 * @returns `undefined` for another scheme, such as `Bearer`, or no value
 * @example
 * ```ts
 * import { detectAssertionGeneration } from 'agent-identity-core';
 *
 * detectAssertionGeneration('AgentAssertion eyJhZ2VudF9y'); // 1
 * detectAssertionGeneration('AgentAssertion 1.eyJhbGciOiJ.eyJ2ZXJz.c2ln'); // 2
 * detectAssertionGeneration('Bearer sk-test'); // undefined
 * ```
 */
export function detectAssertionGeneration(
  authorization: string | null | undefined,
): AssertionGeneration | undefined {
  if (typeof authorization !== 'string' || !authorization.startsWith(schemePrefix)) return undefined;
  return authorization.includes('.', schemePrefix.length) ? 2 : 1;
}
