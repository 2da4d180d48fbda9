import { createHash } from 'node:crypto';
import { type AgentPublicKey, isAgentIdentityError, readSshPublicKey } from 'agent-identity-core';
import {
  invalidArgument,
  requireKnownOptions,
  requireSeconds,
  requireSignal,
  withDeadline,
} from 'agent-identity-core/http';
import { MessageReader, malformed, messageType } from './agent-message.js';
import { sshAgentError } from './errors.js';
import { exchangeMessage } from './exchange-message.js';

/** An Ed25519 key that an ssh-agent holds. Nothing in it is secret. */
export interface SshAgentKey {
  readonly publicKey: AgentPublicKey;
  /** The text that the key was added with, often a file name. It comes from outside. */
  readonly comment: string;
  /** `SHA256:…`, as `ssh-add -l` prints it. */
  readonly fingerprint: string;
}

/** Options for {@link listSshAgentKeys}. */
export interface ListSshAgentKeysOptions {
  /** The socket of the agent. Libraries do not read `SSH_AUTH_SOCK`; pass it if that agent is meant. */
  readonly socketPath: string;
  /** Limit in seconds. Default: 10. */
  readonly timeoutSeconds?: number | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * Lists the Ed25519 keys that an ssh-agent holds. Keys of other types, certificates among them, are left out. A locked agent lists
 * none. Node only.
 *
 * @throws AgentIdentityError `ssh_agent_unavailable`, `ssh_agent_refused`, `timed_out`, all retryable;
 * `malformed_ssh_agent_response`, `invalid_argument`
 * @example
 * ```ts
 * import { listSshAgentKeys } from 'agent-identity-registry/ssh-agent';
 *
 * async function findKey(socketPath: string, comment: string) {
 *   const keys = await listSshAgentKeys({ socketPath });
 *   return keys.find((key) => key.comment === comment)?.publicKey;
 * }
 * ```
 */
export async function listSshAgentKeys(options: ListSshAgentKeysOptions): Promise<readonly SshAgentKey[]> {
  requireKnownOptions(options, ['socketPath', 'timeoutSeconds', 'signal'], 'options');
  const { socketPath, timeoutSeconds = 10, signal } = options;
  requireSocketPath(socketPath);
  requireSeconds(timeoutSeconds, 'timeoutSeconds', { min: 0.001, max: 3600 });
  requireSignal(signal, 'signal');
  return withDeadline({ timeoutSeconds, signal }, (limit) => requestKeys(socketPath, limit));
}

/** @throws AgentIdentityError `invalid_argument` */
export function requireSocketPath(socketPath: unknown): void {
  if (typeof socketPath === 'string' && socketPath !== '' && !socketPath.includes('\0')) return;
  throw invalidArgument('socketPath', 'the path of a socket', socketPath);
}

/** Does what `listSshAgentKeys` does, until the signal aborts. */
export async function requestKeys(socketPath: string, signal: AbortSignal): Promise<SshAgentKey[]> {
  const { type, contents } = await exchangeMessage(socketPath, messageType.requestIdentities, [], signal);
  if (type === messageType.failure) throw sshAgentError('ssh_agent_refused', 'it refused to list its keys');
  if (type !== messageType.identitiesAnswer) throw malformed(`type ${type} in answer to a request for keys`);
  const reader = new MessageReader(contents);
  const keys: SshAgentKey[] = [];
  for (let left = reader.readUint32(); left > 0; left -= 1) {
    const blob = reader.readString();
    const comment = reader.readString().toString('utf8');
    const publicKey = readBlob(blob);
    if (publicKey !== undefined) keys.push({ publicKey, comment, fingerprint: fingerprintOf(blob) });
  }
  reader.requireEnd();
  return keys;
}

/** Returns `undefined` for a key of another type, and for an Ed25519 key that must not be used. */
function readBlob(blob: Buffer): AgentPublicKey | undefined {
  try {
    return readSshPublicKey(`ssh-ed25519 ${blob.toString('base64')}`);
  } catch (error) {
    if (isAgentIdentityError(error, 'invalid_public_key')) return undefined;
    throw error;
  }
}

function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replaceAll('=', '')}`;
}
