/** How to mend a problem, by its code. */
const remedies: Readonly<Record<string, string>> = {
  invalid_configuration: 'Correct the setting that the message names; config show prints all of them.',
  unsafe_configuration:
    'Listen on loopback, or use an OpenID provider or federation rules in place of agents.tokensFile.',
  invalid_argument: 'Correct the setting that the message names.',
  insecure_url: 'Use https. http is for loopback only.',
  master_key_required: 'Pass --master-key-file with the key that the store was created with.',
  wrong_master_key:
    'Pass the key that the store was created with; after a change, list the earlier one in otherMasterKeyFiles.',
  unsupported_store_url: 'Set store to pglite:FOLDER or postgres://….',
  store_in_use: 'A server has the folder open: run doctor with --url and an administrator token.',
  store_not_ready:
    'Check --store; if it is new, serve or issue creates it. If it is newer, update this release.',
  store_unavailable: 'Check that the database runs, and its host, user, password and network.',
  store_outdated: 'Nothing, or: the next command on the store migrates it. Update all nodes soon after.',
  authority_unreachable: 'Check --url, that the server runs, and the network in between.',
  authority_refused:
    'Check that the token is one of the administrators of this authority, and --url with its base path.',
  clock_differs:
    'Set the clock of this machine or of the other one, for example with NTP: times of JWTs and tasks are compared.',
  signing_key_old:
    'A server rotates by itself: see its log and rotation.everySeconds. Or run keys rotate --activate-after-seconds 900.',
  no_signing_key: 'Start a server, which makes the first key.',
  audit_log_lags: 'Start a server; if one runs, see its log: entries get their places within 200 ms.',
  audit_log_broken: 'Run audit verify, and see docs/operations.md.',
  keys_unreachable:
    'Check the issuer, jwksUrl and the network: without keys, all tokens of this provider are refused.',
  port_taken: 'End the other program, or choose another port or operationsPort.',
  port_refused:
    'Choose a host that this machine has, and a port of 1024 or more, or give the program the right to listen there.',
  readable_by_others: 'Close it to others: chmod o= FILE; chmod 600 FILE for files of this user.',
  readable_by_group: 'Nothing if the group is the service’s own, otherwise: chmod 600 FILE.',
};

export function remedyFor(code: string): string {
  return remedies[code] ?? 'See the message; docs/authority.md explains settings and errors.';
}
