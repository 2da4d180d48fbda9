import * as z from 'zod/mini';

/**
 * The `error.code` values of the second generation (docs/protocol-instances.md section 6). All but the last are answers to
 * a registration. To a request that carries an assertion, `runtime_instance_revoked` and `runtime_assertion_invalid` with
 * status 401 or 403 are final; clients do not register again.
 *
 * | code | meaning |
 * |---|---|
 * | `runtime_actor_invalid` | the credential is not valid |
 * | `runtime_actor_source_inactive` | the account or the source of the credential is not active |
 * | `runtime_actor_conflict` | the credential does not fit the selected organization, project or account |
 * | `runtime_host_conflict` | the installation id conflicts with another host |
 * | `runtime_registration_conflict` | the same `Idempotency-Key` came with another body |
 * | `runtime_instance_revoked` | the instance is revoked |
 * | `runtime_input_invalid` | the body is malformed |
 * | `runtime_input_too_large` | the body is too large |
 * | `runtime_idempotency_key_invalid` | the `Idempotency-Key` is missing or malformed |
 * | `runtime_rate_limited` | too many registrations |
 * | `runtime_verification_unavailable` | the server cannot check the credential now |
 * | `runtime_assertion_invalid` | the assertion is malformed, or by another actor than the request; nothing else of the process will be accepted |
 *
 * The names were observed in the published client; the meanings are **ours**.
 */
export type RuntimeErrorCode =
  | 'runtime_actor_invalid'
  | 'runtime_actor_source_inactive'
  | 'runtime_actor_conflict'
  | 'runtime_host_conflict'
  | 'runtime_registration_conflict'
  | 'runtime_instance_revoked'
  | 'runtime_input_invalid'
  | 'runtime_input_too_large'
  | 'runtime_idempotency_key_invalid'
  | 'runtime_rate_limited'
  | 'runtime_verification_unavailable'
  | 'runtime_assertion_invalid';

/** Reads a code of the list and refuses every other value; the published client shows others as `Unknown`. */
export const runtimeErrorCodeSchema: z.ZodMiniEnum<{ [Code in RuntimeErrorCode]: Code }> = z.enum([
  'runtime_actor_invalid',
  'runtime_actor_source_inactive',
  'runtime_actor_conflict',
  'runtime_host_conflict',
  'runtime_registration_conflict',
  'runtime_instance_revoked',
  'runtime_input_invalid',
  'runtime_input_too_large',
  'runtime_idempotency_key_invalid',
  'runtime_rate_limited',
  'runtime_verification_unavailable',
  'runtime_assertion_invalid',
]);
