import { backend } from '#backend';

/** The public half of an agent key: what the authority stores and a verifier checks by. */
export interface AgentPublicKey {
  /** The OpenSSH line `ssh-ed25519 <base64>`, without a comment (docs/protocol.md section 2). */
  readonly ssh: string;
  /** The 32 bytes of RFC 8032; a copy at each reading. */
  readonly bytes: Uint8Array;
  /**
   * Whether the signature is this key's over the message, by the cofactorless equation of RFC 8032 section 5.1.7.
   * A signature of any other length than 64 bytes is not, nor one whose first half is a point of small order.
   */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** Wraps 32 bytes that are known to be a usable public key. */
export function agentPublicKey(bytes: Uint8Array, ssh: string): AgentPublicKey {
  let verifier: ((message: Uint8Array, signature: Uint8Array) => boolean) | undefined;
  return Object.freeze({
    ssh,
    get bytes() {
      return Uint8Array.from(bytes);
    },
    verify(message: Uint8Array, signature: Uint8Array) {
      verifier ??= backend.ed25519Verifier(bytes);
      return verifier(message, signature);
    },
  });
}
