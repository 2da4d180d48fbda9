/** How to mend a problem, by the code of its error. */
const remedies: Readonly<Record<string, string>> = {
  no_credentials:
    'Log in: codex login, or agent-identity login --jwt-file FILE, or set CODEX_ACCESS_TOKEN to an Agent Identity JWT.',
  invalid_access_token:
    'Set CODEX_ACCESS_TOKEN to the whole token: at-… or an Agent Identity JWT of three parts, or unset it.',
  invalid_config: 'Correct config.toml at the place that the message names.',
  unreadable_auth_file: 'Correct auth.json at the place that the message names, or log in again.',
  unsafe_permissions: 'Close the file to others: chmod 600 FILE.',
  unwritable_auth_file: 'Make the folder writable for this user; a task that is registered must be saved.',
  lock_unavailable: 'End the program that holds the lock, or delete the lock file if no program runs.',
  keyring_unavailable: 'Unlock the keyring, or set cli_auth_credentials_store = "file" in config.toml.',
  encrypted_auth_storage:
    'Set secret_auth_storage = false under [features] in config.toml, and log in again.',
  invalid_agent_identity_record: 'Log in again: the record is damaged.',
  invalid_agent_key: 'Log in again: the private key is damaged.',
  malformed_jwt: 'Take the JWT anew from where it was issued: a part of it is missing.',
  jwt_expired:
    'Take a new JWT from the authority. If it should still be valid, check the clock of this machine.',
  jwt_not_yet_valid: 'Check the clock of this machine: the JWT was issued in its future.',
  invalid_jwt_signature: 'Take a new JWT, and check that --jwt-base-url is the authority that issued it.',
  unknown_kid:
    'Check that --jwt-base-url is the authority that issued the JWT; its key may have been retired.',
  wrong_issuer: 'Check that the JWT was issued by the authority of this service.',
  wrong_audience: 'Check that the JWT was issued for the Codex client.',
  jwks_unavailable: 'Check the network and --jwt-base-url, and try again.',
  invalid_jwks: 'Check --jwt-base-url: what it serves is no key set.',
  registration_refused: 'Ask the authority why; the identity may have been revoked. Take a new one.',
  registration_unauthorized: 'Take a new identity: the authority does not accept the signature of this one.',
  registration_challenged: 'Use another network: the authority shows this one a challenge for browsers.',
  unsupported_region: 'Use another network: the authority does not serve this region.',
  registration_unavailable: 'Try again later: the authority has an outage.',
  registration_timed_out: 'Check the network and a proxy in between, and try again.',
  registration_connection_failed: 'Check the network, the name and the port of --authapi-base-url.',
  registration_redirected: 'Set --authapi-base-url to where it redirects; credentials follow no redirect.',
  agent_runtime_deleted: 'Take a new identity: this one was revoked for good.',
  invalid_agent_runtime_id: 'Take a new identity: the authority does not know this one.',
  signer_unavailable: 'Check the ssh-agent: ssh-add -l must list the key. Unlock it with ssh-add -X.',
  signer_timed_out: 'Confirm the signature in the ssh-agent in time, or check why it hangs.',
  signer_mismatch: 'Give --ssh-agent the key that was enrolled.',
  sealed_task_id_needs_key: 'Ask the authority for plain task ids: sealed ones need a key in a file.',
  token_refresh_rejected: 'Log in again: codex login.',
  token_refresh_failed: 'Try again later: the login server has an outage.',
  whoami_rejected: 'Create a new personal access token.',
  workspace_not_allowed: 'Log in to a workspace that config.toml allows.',
  login_method_not_allowed: 'Log in by the method that config.toml forces.',
  insecure_url: 'Use https. http is for loopback only.',
  invalid_base_url: 'Correct the URL.',
  clock_wrong: 'Set the clock of this machine: assertions and JWTs of another time are refused.',
  request_refused: 'See the code in the message: the service decides whom it lets in.',
  request_unavailable: 'Try again later: the service has an outage.',
};

export function remedyFor(code: string): string {
  return (
    remedies[code] ??
    'See the message; the code is explained in the README of the package that it comes from.'
  );
}
