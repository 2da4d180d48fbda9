import { type AgentPublicKey, type AgentSigner, readSshPublicKey } from 'agent-identity-core';
import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import { createSshAgentSigner } from './create-ssh-agent-signer.js';
import { sshAgentError } from './errors.js';
import { type ListSshAgentKeysOptions, listSshAgentKeys } from './list-ssh-agent-keys.js';

/** Options for {@link openSshAgentSigner}. */
export interface OpenSshAgentSignerOptions extends Omit<ListSshAgentKeysOptions, 'signal'> {
  /** What names the key: the text of its public key file, with or without the comment, or `SHA256:…` as `ssh-add -l` prints it. */
  readonly key: string;
}

/**
 * Creates a signer like `createSshAgentSigner`, by what people name a key with. A fingerprint is looked up in the agent at once.
 *
 * @throws AgentIdentityError `ssh_agent_key_not_found`, `ssh_agent_unavailable`, `ssh_agent_refused`, `timed_out`,
 * `malformed_ssh_agent_response`, `invalid_public_key`, `invalid_argument`, for a private key, too
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { openSshAgentSigner } from 'agent-identity-registry/ssh-agent';
 *
 * const openSigner = async (socketPath: string) =>
 *   openSshAgentSigner({ socketPath, key: await readFile('agent.pub', 'utf8') });
 * ```
 */
export async function openSshAgentSigner(options: OpenSshAgentSignerOptions): Promise<AgentSigner> {
  requireKnownOptions(options, ['socketPath', 'key', 'timeoutSeconds'], 'options');
  const { key, ...agent } = options;
  if (typeof key !== 'string') throw invalidArgument('key', 'a public key or a fingerprint', key);
  const named = key.trim();
  const publicKey = named.startsWith('SHA256:') ? await findKey(named, agent) : readKey(named);
  return createSshAgentSigner({ ...agent, publicKey });
}

async function findKey(fingerprint: string, agent: ListSshAgentKeysOptions): Promise<AgentPublicKey> {
  const found = (await listSshAgentKeys(agent)).find((one) => one.fingerprint === fingerprint);
  if (found !== undefined) return found.publicKey;
  throw sshAgentError(
    'ssh_agent_key_not_found',
    'it holds no Ed25519 key with this fingerprint, or is locked; see ssh-add -l',
  );
}

function readKey(line: string): AgentPublicKey {
  if (line.includes('PRIVATE KEY'))
    throw invalidArgument('key', 'a public key, such as that in agent.pub', line);
  const [type, blob] = line.split(/[ \t]+/, 2);
  return readSshPublicKey(`${type} ${blob}`);
}
