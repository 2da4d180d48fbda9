import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';
import type { RegistrationErrorCode } from './registration-error.js';

/**
 * The error codes of agent-identity-registry: those of a registration that was sent (see `RegistrationErrorCode`), and
 * those of a call that is refused before any request.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_argument` | an option is unknown, of the wrong type or outside its range |
 * | `unknown_chatgpt_base_url` | no AuthAPI is known for this ChatGPT base URL (docs/protocol.md section 6) |
 * | `unsafe_agent_runtime_id` | the id is not one segment of a URL path |
 * | `invalid_agent_identity_record` | not a record that can sign requests (docs/protocol.md section 9) |
 *
 * These codes of agent-identity-core pass through: `invalid_argument`, `insecure_url`, `invalid_base_url`,
 * `invalid_agent_key`, `invalid_public_key`.
 */
export type RegistryErrorCode =
  | RegistrationErrorCode
  | 'invalid_argument'
  | 'unknown_chatgpt_base_url'
  | 'unsafe_agent_runtime_id'
  | 'invalid_agent_identity_record';

/** Creates an error of this package. */
export function registryError(
  code: RegistryErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<RegistryErrorCode> {
  return new AgentIdentityError(code, message, options);
}
