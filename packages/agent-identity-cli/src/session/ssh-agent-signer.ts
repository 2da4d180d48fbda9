import { type AgentPublicKey, type AgentSigner, readSshPublicKey } from 'agent-identity-core';
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
 * @throws AgentIdentityError `invalid_argument`, `invalid_public_key`, `unreadable_file`, and the codes of
 * agent-identity-registry/ssh-agent
 */
export async function openSshAgentSigner(key: string, io: CommandIo): Promise<AgentSigner> {
  const socketPath = io.environment['SSH_AUTH_SOCK'];
  if (!socketPath) {
    throw commandLineError(
      'invalid_argument',
      '--ssh-agent: expected SSH_AUTH_SOCK to name the socket of an agent',
    );
  }
  const publicKey = key.startsWith('SHA256:') ? await findKey(key, socketPath) : await readKey(key, io);
  const { createSshAgentSigner } = await import('agent-identity-registry/ssh-agent');
  return createSshAgentSigner({ socketPath, publicKey, timeoutSeconds });
}

async function findKey(fingerprint: string, socketPath: string): Promise<AgentPublicKey> {
  const { listSshAgentKeys } = await import('agent-identity-registry/ssh-agent');
  const keys = await listSshAgentKeys({ socketPath, timeoutSeconds });
  const found = keys.find((one) => one.fingerprint === fingerprint);
  if (found !== undefined) return found.publicKey;
  throw commandLineError(
    'no_credentials',
    '--ssh-agent: the agent holds no Ed25519 key with this fingerprint, or is locked; see ssh-add -l',
  );
}

/** Reads a line as `ssh-keygen` writes it, with or without a comment. */
async function readKey(file: string, io: CommandIo): Promise<AgentPublicKey> {
  const [type, blob] = (await readTextFile(file, io)).split(/[ \t]+/, 2);
  return readSshPublicKey(`${type} ${blob}`);
}
