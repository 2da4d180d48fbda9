import {
  type AgentPublicKey,
  type AgentSigner,
  readSshPublicKey,
  requireAgentSigner,
} from 'agent-identity-core';
import { requireKnownOptions } from 'agent-identity-core/http';
import { MessageReader, malformed, messageType, writeString, writeUint32 } from './agent-message.js';
import { sshAgentError } from './errors.js';
import { exchangeMessage } from './exchange-message.js';
import { requestKeys, requireSocketPath } from './list-ssh-agent-keys.js';

/** Options for {@link createSshAgentSigner}. */
export interface CreateSshAgentSignerOptions {
  /** The socket of the agent. Libraries do not read `SSH_AUTH_SOCK`; pass it if that agent is meant. */
  readonly socketPath: string;
  /** The public half of the key: of `listSshAgentKeys`, or of `readSshPublicKey`. */
  readonly publicKey: AgentPublicKey;
  /** Limit of one signature, in seconds, up to 60. Default: 10. Give more if a person confirms each signature. */
  readonly timeoutSeconds?: number | undefined;
}

/**
 * Creates a signer whose key an ssh-agent holds: OpenSSH's own, or another program that speaks its protocol (OpenSSH's
 * PROTOCOL.agent). The private key never enters this process. Node only.
 *
 * Nothing is sent until the first signature, and each signature has a connection of its own, so that an agent may be started again
 * at any time. Whoever can use the socket can act as the agent: do not forward it, and give the agent a key of its own.
 *
 * @throws AgentIdentityError `invalid_argument`, `invalid_public_key`. Signing rejects with the codes of {@link SshAgentErrorCode}, which callers see as
 * the `cause` of `signer_unavailable`
 * @example
 * ```ts
 * import { readSshPublicKey } from 'agent-identity-core';
 * import { type KeylessAgentIdentityRecord, startAgentIdentityAuth } from 'agent-identity-registry';
 * import { createSshAgentSigner } from 'agent-identity-registry/ssh-agent';
 *
 * async function start(record: KeylessAgentIdentityRecord, publicKeyLine: string, socketPath: string) {
 *   const signer = createSshAgentSigner({ socketPath, publicKey: readSshPublicKey(publicKeyLine) });
 *   const auth = await startAgentIdentityAuth(record, { authapiBaseUrl: 'https://agents.example.com', signer });
 *   return auth.headers();
 * }
 * ```
 */
export function createSshAgentSigner(options: CreateSshAgentSignerOptions): AgentSigner {
  requireKnownOptions(options, ['socketPath', 'publicKey', 'timeoutSeconds'], 'options');
  const { socketPath, publicKey, timeoutSeconds } = options;
  requireSocketPath(socketPath);
  const signer: AgentSigner = Object.freeze({
    publicKey,
    timeoutSeconds,
    sign: (message: Uint8Array, { signal }: { readonly signal: AbortSignal }) =>
      requestSignature({ socketPath, publicKey }, message, signal),
  });
  requireAgentSigner(signer);
  readSshPublicKey(publicKey.ssh);
  return signer;
}

async function requestSignature(
  { socketPath, publicKey }: Pick<CreateSshAgentSignerOptions, 'socketPath' | 'publicKey'>,
  message: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const blob = Buffer.from(publicKey.ssh.slice('ssh-ed25519 '.length), 'base64');
  const request = [writeString(blob), writeString(message), writeUint32(0)];
  const { type, contents } = await exchangeMessage(socketPath, messageType.signRequest, request, signal);
  if (type === messageType.failure) throw await explainRefusal({ socketPath, publicKey }, signal);
  if (type !== messageType.signResponse)
    throw malformed(`type ${type} in answer to a request for a signature`);
  const response = new MessageReader(contents);
  const signature = new MessageReader(response.readString());
  response.requireEnd();
  const algorithm = signature.readString().toString('latin1');
  if (algorithm !== 'ssh-ed25519') throw malformed('a signature of another algorithm');
  const bytes = signature.readString();
  signature.requireEnd();
  return new Uint8Array(bytes);
}

/** The agent says only that it failed. Whether it lists the key tells why. */
async function explainRefusal(
  { socketPath, publicKey }: Pick<CreateSshAgentSignerOptions, 'socketPath' | 'publicKey'>,
  signal: AbortSignal,
): Promise<Error> {
  const keys = await requestKeys(socketPath, signal);
  if (keys.some((key) => key.publicKey.ssh === publicKey.ssh)) {
    return sshAgentError(
      'ssh_agent_refused',
      'it refused to sign: a person denied it, or the key is constrained to other uses',
    );
  }
  const state =
    keys.length === 0 ? 'it lists no Ed25519 key, so it is locked or has none' : 'it does not hold the key';
  return sshAgentError(
    'ssh_agent_key_not_found',
    `${state}; unlock it (ssh-add -X) or add the key (ssh-add)`,
  );
}
