/** The body of a runtime registration (docs/protocol.md section 4) for the key of this OpenSSH line. */
export function registrationBody(
  publicKeySsh: string,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    abom: { agent_version: '1.0.0', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
    agent_public_key: publicKeySsh,
    capabilities: ['responsesapi'],
    ttl: null,
    ...changes,
  };
}
