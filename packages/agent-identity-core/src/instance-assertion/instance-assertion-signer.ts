import { schemePrefix } from '../assertion/format-agent-assertion.js';
import { signBytes } from '../assertion/sign-message.js';
import { encodeBase64Url } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/utf8.js';
import { requireMethods } from '../http/require-argument.js';
import {
  type InstanceAssertionEffects,
  type InstanceAssertionSubject,
  versionPrefix,
} from './instance-assertion.js';
import { createSigningInputs } from './signing-input.js';

/** Creates the assertions for all requests of one runtime agent instance. Each call signs a new one. */
export interface InstanceAssertionSigner {
  /**
   * Returns a new assertion, `1.…`: the value of `x-openai-agent-assertion`, for the mode `dual_header`
   * (docs/protocol-instances.md section 4). A **secret** while it is fresh: anyone who has it can send one request as
   * the agent. Use it for one request only; servers may refuse it a second time.
   *
   * @throws AgentIdentityError `invalid_argument` if the clock, the random source or the key does not work
   */
  assertion(): string;
  /**
   * Returns a new assertion as the value of `Authorization`, `AgentAssertion 1.…`, for the mode `assertion_only`. A
   * **secret**, for one request, as above.
   *
   * @throws AgentIdentityError as `assertion()` does
   */
  authorizationHeader(): string;
}

/**
 * Creates a signer for the requests of one runtime agent instance (docs/protocol-instances.md section 4). Each assertion
 * has a new `id` and a new signature.
 *
 * @throws AgentIdentityError `invalid_argument` for an instance id that is empty, not well-formed Unicode, or so long
 * that the assertion would have more than 8192 characters
 * @example
 * ```ts
 * import { createInstanceAssertionSigner, generateAgentKey } from 'agent-identity-core';
 *
 * const agentKey = generateAgentKey();
 * const signer = createInstanceAssertionSigner({ agentKey, runtimeAgentInstanceId: 'rai-1' });
 * const dualHeader = { authorization: 'Bearer …', 'x-openai-agent-assertion': signer.assertion() };
 * const assertionOnly = { authorization: signer.authorizationHeader() };
 * ```
 */
export function createInstanceAssertionSigner(
  { agentKey, runtimeAgentInstanceId }: InstanceAssertionSubject,
  effects: InstanceAssertionEffects = {},
): InstanceAssertionSigner {
  requireMethods(agentKey, ['sign'], 'agentKey', 'an AgentKey');
  const nextInput = createSigningInputs(runtimeAgentInstanceId, effects);

  function assertion(): string {
    const { text } = nextInput();
    const signature = encodeBase64Url(signBytes(agentKey, encodeUtf8(text)));
    return `${versionPrefix}${text}.${signature}`;
  }

  return { assertion, authorizationHeader: () => schemePrefix + assertion() };
}

/**
 * Creates one assertion, `1.…`, with a new `id` (docs/protocol-instances.md section 4). For several requests of one
 * instance, `createInstanceAssertionSigner` is faster.
 *
 * @returns **Secret** while it is fresh: the value of `x-openai-agent-assertion`; after the word `AgentAssertion` and a
 * space, the value of `Authorization`.
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { createInstanceAssertion, generateAgentKey } from 'agent-identity-core';
 *
 * const agentKey = generateAgentKey();
 * const assertion = createInstanceAssertion({ agentKey, runtimeAgentInstanceId: 'rai-1' }); // '1.eyJ…'
 * ```
 */
export function createInstanceAssertion(
  subject: InstanceAssertionSubject,
  effects: InstanceAssertionEffects = {},
): string {
  return createInstanceAssertionSigner(subject, effects).assertion();
}
