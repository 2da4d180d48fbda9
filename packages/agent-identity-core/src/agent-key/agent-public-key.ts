import * as backend from '#backend';

/** The public half of an agent key. The authority stores it; verifiers check signatures with it. */
export interface AgentPublicKey {
  /** The OpenSSH line `ssh-ed25519 <base64>`, without a comment (docs/protocol.md section 2). */
  readonly ssh: string;
  /** The 32 bytes of RFC 8032 section 5.1.5. Each access returns a copy. */
  readonly bytes: Uint8Array;
  /**
   * Checks a signature of this key with the cofactorless equation of RFC 8032 section 5.1.7. Returns false for a
   * signature that is not 64 bytes long or whose first half is a point of small order.
   */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** Wraps 32 bytes that were already checked with `explainInvalidPublicKey`, or that were derived from a seed. */
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
