import type { AgentSigner } from 'agent-identity-core';
import { Option } from 'commander';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { readTextFile } from '../program/read-input-text.js';

/** A person may have to confirm each signature. */
const timeoutSeconds = 30;

/** The option that selects a key of an ssh-agent. */
export function sshAgentOption(whatFor: string): Option {
  return new Option(
    '--ssh-agent <key>',
    `${whatFor} this Ed25519 key of the ssh-agent [SSH_AUTH_SOCK]: its public key file, or SHA256:… as ssh-add -l prints it`,
  );
}

/**
 * Opens the key of the ssh-agent that the environment names. The private key does not enter this process.
 *
 * @param key The value of `--ssh-agent`.
 * @throws AgentIdentityError `invalid_argument`, `unreadable_file`, and the codes of `openSshAgentSigner`
 */
export async function openSigner(key: string, io: CommandIo): Promise<AgentSigner> {
  const socketPath = io.environment['SSH_AUTH_SOCK'];
  if (!socketPath) {
    throw commandLineError(
      'invalid_argument',
      '--ssh-agent: expected SSH_AUTH_SOCK to name the socket of an agent',
    );
  }
  const { openSshAgentSigner } = await import('agent-identity-registry/ssh-agent');
  const named = key.startsWith('SHA256:') ? key : await readTextFile(key, io);
  return openSshAgentSigner({ socketPath, key: named, timeoutSeconds });
}
