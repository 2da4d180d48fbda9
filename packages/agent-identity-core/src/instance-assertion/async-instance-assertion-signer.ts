import {
  requireAgentSigner,
  requireWaitOptions,
  type SignerWaitOptions,
} from '../agent-signer/agent-signer.js';
import { signOutside } from '../agent-signer/sign-outside.js';
import { schemePrefix } from '../assertion/format-agent-assertion.js';
import { encodeBase64Url } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/utf8.js';
import {
  type InstanceAssertionEffects,
  type SignerInstanceAssertionSubject,
  versionPrefix,
} from './instance-assertion.js';
import { createSigningInputs } from './signing-input.js';

/** Creates the assertions for all requests of one instance, with a key outside of this process. Each costs one signature. */
export interface AsyncInstanceAssertionSigner {
  /**
   * Returns a new assertion, `1.…`. A **secret**, for one request: see `InstanceAssertionSigner`.
   *
   * @throws AgentIdentityError `signer_unavailable`, `signer_timed_out`, both retryable; `signer_mismatch`; `invalid_argument`
   */
  assertion(options?: SignerWaitOptions): Promise<string>;
  /**
   * Returns a new assertion as the value of `Authorization`, `AgentAssertion 1.…`. A **secret**, for one request, as above.
   *
   * @throws AgentIdentityError as `assertion()` does
   */
  authorizationHeader(options?: SignerWaitOptions): Promise<string>;
}

/**
 * Creates a signer like `createInstanceAssertionSigner`, with a key outside of this process. Each assertion has a new `id`, so
 * each costs a signature.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { type AgentSigner, createAsyncInstanceAssertionSigner } from 'agent-identity-core';
 *
 * async function createHeaders(signer: AgentSigner) {
 *   const assertions = createAsyncInstanceAssertionSigner({ signer, runtimeAgentInstanceId: 'rai-1' });
 *   return { authorization: await assertions.authorizationHeader() };
 * }
 * ```
 */
export function createAsyncInstanceAssertionSigner(
  { signer, runtimeAgentInstanceId }: SignerInstanceAssertionSubject,
  effects: InstanceAssertionEffects = {},
): AsyncInstanceAssertionSigner {
  requireAgentSigner(signer);
  const nextInput = createSigningInputs(runtimeAgentInstanceId, effects);
  const { clock = Date.now } = effects;

  async function assertion(options: SignerWaitOptions = {}): Promise<string> {
    requireWaitOptions(options);
    const { signal } = options;
    const { text, now } = nextInput();
    const signature = await signOutside(encodeUtf8(text), now, { signer, clock, signal });
    return `${versionPrefix}${text}.${encodeBase64Url(signature)}`;
  }

  return {
    assertion,
    authorizationHeader: async (options) => schemePrefix + (await assertion(options)),
  };
}

/**
 * Creates one assertion like `createInstanceAssertion`, with a key outside of this process.
 *
 * @returns **Secret** while it is fresh.
 * @throws AgentIdentityError `signer_unavailable`, `signer_timed_out`, both retryable; `signer_mismatch`; `invalid_argument`
 * @example
 * ```ts
 * import { type AgentSigner, createInstanceAssertionAsync } from 'agent-identity-core';
 *
 * const createAssertion = (signer: AgentSigner) =>
 *   createInstanceAssertionAsync({ signer, runtimeAgentInstanceId: 'rai-1' });
 * ```
 */
export async function createInstanceAssertionAsync(
  subject: SignerInstanceAssertionSubject,
  effects: InstanceAssertionEffects & SignerWaitOptions = {},
): Promise<string> {
  const { signal, ...signerEffects } = effects;
  return createAsyncInstanceAssertionSigner(subject, signerEffects).assertion({ signal });
}
