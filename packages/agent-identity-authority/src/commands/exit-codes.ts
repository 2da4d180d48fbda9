import { isAgentIdentityError } from 'agent-identity-core';

/**
 * The exit codes of `agent-identity-authority`. They say who has to act, as those of `agent-identity` do.
 *
 * | code | name | meaning |
 * |---|---|---|
 * | 0 | `success` | |
 * | 1 | `failure` | anything else |
 * | 2 | `usage` | the command line or a setting is wrong |
 * | 3 | `invalid` | the audit log was changed, no rule accepts the token, or `doctor` found a problem |
 * | 5 | `refused` | the authority refused the command, or there is no agent, task or key with this id |
 * | 6 | `unavailable` | the authority or the store does not answer, or another process has the store open |
 */
export const exitCodes = {
  success: 0,
  failure: 1,
  usage: 2,
  invalid: 3,
  refused: 5,
  unavailable: 6,
} as const;

const codesOf: Readonly<Partial<Record<keyof typeof exitCodes, string>>> = {
  usage:
    'invalid_argument invalid_base_url invalid_configuration unsafe_configuration master_key_required ' +
    'unsupported_store_url insecure_url invalid_checkpoint invalid_verifier_key',
  invalid: 'audit_log_broken token_refused invalid_log_proof invalid_log_entry',
  refused:
    'authority_refused agent_runtime_not_found task_not_found enrollment_token_not_found signing_key_not_found ' +
    'signing_key_in_use runtime_agent_instance_not_found count_mismatch',
  unavailable: 'authority_unreachable store_unavailable store_in_use authenticator_unavailable timed_out',
};

/** The exit code for an error that a command threw. */
export function exitCodeFor(error: unknown): number {
  if (!isAgentIdentityError(error)) return exitCodes.failure;
  const found = Object.entries(codesOf).find(([, codes]) => codes.split(' ').includes(error.code));
  return exitCodes[(found?.[0] ?? 'failure') as keyof typeof exitCodes];
}
