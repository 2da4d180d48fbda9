import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';
import type { RegistrationErrorCode } from './registration-error.js';

/**
 * The error codes of agent-identity-registry: those of a registration that was sent (see `RegistrationErrorCode`), and
 * those of what is refused before any request.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_argument` | an option is of the wrong type or outside its range |
 * | `unknown_chatgpt_base_url` | no AuthAPI is known for this ChatGPT base URL (docs/protocol.md section 6) |
 * | `invalid_authapi_base_url` | an AuthAPI base URL with a query or a fragment |
 * | `unsafe_agent_runtime_id` | the id would not stay one segment of a URL's path |
 * | `invalid_agent_identity_record` | not a record that requests can be signed with (docs/protocol.md section 9) |
 *
 * The codes `insecure_url`, `invalid_agent_key` and `invalid_public_key` of agent-identity-core pass through.
 */
export type RegistryErrorCode =
  | RegistrationErrorCode
  | 'invalid_argument'
  | 'unknown_chatgpt_base_url'
  | 'invalid_authapi_base_url'
  | 'unsafe_agent_runtime_id'
  | 'invalid_agent_identity_record';

/** An `AgentIdentityError` of this package; its code is of the closed union above. */
export function registryError(
  code: RegistryErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<RegistryErrorCode> {
  return new AgentIdentityError(code, message, options);
}
