import type { AgentPublicKey } from '../agent-key/agent-public-key.js';
import type { Clock } from '../clock.js';
import { requireSignal } from '../http/effects.js';
import { invalidArgument, requireMethods, requireSeconds } from '../http/require-argument.js';
import { requireKnownOptions } from '../http/require-known-options.js';

/**
 * An agent key that lives outside of this process: in an ssh-agent, a hardware token or a key management service. Each function
 * that signs with an `agentKey` has an asynchronous counterpart that takes a `signer`.
 *
 * Each signature is checked with `publicKey` before it is used. A signer that fails or hangs is an outage, with an error that is
 * `retryable`; it says nothing about the identity. A sealed task id cannot be opened with a signer: that takes the private key.
 *
 * @example
 * ```ts
 * import { type AgentSigner, createAsyncAssertionSigner, readSshPublicKey } from 'agent-identity-core';
 *
 * declare function signInVault(message: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
 *
 * const signer: AgentSigner = {
 *   publicKey: readSshPublicKey('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea'),
 *   sign: (message, { signal }) => signInVault(message, signal),
 *   timeoutSeconds: 5,
 * };
 * const headers = createAsyncAssertionSigner({ signer, agentRuntimeId: 'agent-1', taskId: 'task-1' });
 * const send = async () =>
 *   fetch('https://api.example.com/', { headers: { authorization: await headers.authorizationHeader() } });
 * ```
 */
export interface AgentSigner {
  /** The public half of the key, which the authority stores. */
  readonly publicKey: AgentPublicKey;
  /**
   * Returns the 64-byte Ed25519 signature of RFC 8032 section 5.1.6. The message is a copy. The signal aborts when the time is up
   * or when nobody waits for the signature any more.
   */
  sign(message: Uint8Array, effects: { readonly signal: AbortSignal }): Promise<Uint8Array>;
  /** Limit of one signature, in seconds, up to 60. Default: 10. A signature that comes later is never used. */
  readonly timeoutSeconds?: number | undefined;
}

/** Overrides for ambient dependencies of a call that signs once with an {@link AgentSigner}. */
export interface SignerEffects extends SignerWaitOptions {
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly clock?: Clock | undefined;
}

/** Options for waiting for an {@link AgentSigner}. */
export interface SignerWaitOptions {
  /** Ends this caller's wait; the call rejects with its reason. Others who wait for the same signature get it. */
  readonly signal?: AbortSignal | null | undefined;
}

/** How long a signer may take. A header is at most one second older when it is handed out. */
export function timeoutSecondsOf({ timeoutSeconds = 10 }: AgentSigner): number {
  return timeoutSeconds;
}

/**
 * Requires an {@link AgentSigner}. Functions that take one call it.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { type AgentSigner, requireAgentSigner } from 'agent-identity-core';
 *
 * declare const signer: AgentSigner;
 * requireAgentSigner(signer);
 * ```
 */
export function requireAgentSigner(signer: AgentSigner): void {
  requireMethods(signer, ['sign'], 'signer', 'an AgentSigner');
  requireMethods(signer.publicKey, ['verify'], 'signer.publicKey', 'the result of readSshPublicKey');
  if (typeof signer.publicKey.ssh !== 'string') {
    throw invalidArgument('signer.publicKey.ssh', 'an OpenSSH line', signer.publicKey.ssh);
  }
  requireSeconds(timeoutSecondsOf(signer), 'signer.timeoutSeconds', { min: 0.001, max: 60 });
}

/** @throws AgentIdentityError `invalid_argument`; the reason of a signal that has aborted */
export function requireEffects(effects: SignerEffects): SignerEffects & { readonly clock: Clock } {
  requireKnownOptions(effects, ['clock', 'signal'], 'effects');
  const { clock = Date.now, signal } = effects;
  requireSignal(signal, 'effects.signal');
  signal?.throwIfAborted();
  return { clock, signal };
}

/** @throws AgentIdentityError `invalid_argument`; the reason of a signal that has aborted */
export function requireWaitOptions(options: SignerWaitOptions): void {
  requireKnownOptions(options, ['signal'], 'options');
  requireSignal(options.signal, 'options.signal');
  options.signal?.throwIfAborted();
}
