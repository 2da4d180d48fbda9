import { isAgentIdentityError } from 'agent-identity-core';

/**
 * The exit codes of `agent-identity`. They say who has to act.
 *
 * | code | name | meaning |
 * |---|---|---|
 * | 0 | `success` | |
 * | 1 | `failure` | anything else |
 * | 2 | `usage` | the command line is wrong, or an input has the wrong form |
 * | 3 | `invalid` | a signature, a JWT, a key or a record is not valid |
 * | 4 | `noCredentials` | nothing is logged in, or credentials of another kind |
 * | 5 | `refused` | a server refused the identity or the request |
 * | 6 | `unavailable` | a server did not answer, or cannot answer now: try again later |
 * | 7 | `file` | a file cannot be read or written |
 * | 8 | `configuration` | `config.toml`, the environment or a URL is wrong |
 */
export const exitCodes = {
  success: 0,
  failure: 1,
  usage: 2,
  invalid: 3,
  noCredentials: 4,
  refused: 5,
  unavailable: 6,
  file: 7,
  configuration: 8,
} as const;

const codesOf: Readonly<Partial<Record<keyof typeof exitCodes, string>>> = {
  usage: 'invalid_argument unrecognized_input unsupported_scheme',
  invalid:
    'invalid_agent_key invalid_public_key malformed_assertion invalid_signature malformed_jwt invalid_claims ' +
    'unsupported_algorithm forbidden_header missing_kid unknown_kid invalid_jwt_signature wrong_issuer wrong_audience ' +
    'jwt_expired jwt_not_yet_valid assertion_expired assertion_in_future malformed_instance_assertion ' +
    'instance_assertion_expired instance_assertion_in_future invalid_agent_identity_record unsafe_agent_runtime_id signer_mismatch',
  noCredentials:
    'no_credentials not_chatgpt_auth logged_out account_changed unsupported_credentials unsupported_store incomplete_chatgpt_auth ' +
    'ssh_agent_key_not_found',
  refused:
    'request_refused registration_unauthorized registration_refused registration_challenged unsupported_region agent_runtime_deleted ' +
    'invalid_agent_runtime_id registration_redirected token_refresh_rejected whoami_rejected workspace_not_allowed ' +
    'login_method_not_allowed runtime_mode_not_allowed ssh_agent_refused',
  unavailable:
    'request_unavailable registration_unavailable registration_timed_out registration_connection_failed malformed_registration_response ' +
    'jwks_unavailable invalid_jwks token_refresh_failed whoami_failed agent_identity_unavailable timed_out ' +
    'response_too_large signer_unavailable signer_timed_out ssh_agent_unavailable malformed_ssh_agent_response',
  file:
    'unreadable_file unwritable_file unsafe_permissions already_logged_in unreadable_auth_file unwritable_auth_file lock_unavailable keyring_unavailable ' +
    'encrypted_auth_storage',
  configuration:
    'invalid_config invalid_access_token insecure_url invalid_base_url unknown_chatgpt_base_url sealed_task_id_needs_key',
};

/** The exit code for an error that a command threw. */
export function exitCodeFor(error: unknown): number {
  if (!isAgentIdentityError(error)) return exitCodes.failure;
  const found = Object.entries(codesOf).find(([, codes]) => codes.split(' ').includes(error.code));
  return exitCodes[(found?.[0] ?? 'failure') as keyof typeof exitCodes];
}
