/**
 * The primitives that differ between runtimes. The `#backend` import of package.json chooses one: Node's built-in
 * crypto on Node, the noble curves everywhere else (and on Node under the condition `agent-identity-portable`).
 *
 * Both verify by the cofactorless equation of RFC 8032 section 5.1.7, as OpenSSL, BoringSSL, Go and libsodium do:
 * the encoding of [S]B - [k]A must equal R, the first half of the signature, and S must be below the group order. Both
 * also refuse an R of small order, as libsodium, the Web Cryptography API and Node from 24 on do. So both give the same
 * verdict on every input and runtime.
 */
export interface Backend {
  /** The 32-byte Ed25519 public key of a 32-byte seed. */
  ed25519PublicKey(seed: Uint8Array): Uint8Array;
  /** A function that makes 64-byte signatures; what can be prepared once, is. */
  ed25519Signer(seed: Uint8Array): (message: Uint8Array) => Uint8Array;
  /** A function that checks signatures of any length by a 32-byte public key that is a canonical curve point. */
  ed25519Verifier(publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean;
  x25519PublicKey(secret: Uint8Array): Uint8Array;
  /** Throws where the result would be all zero (RFC 7748 section 6.1). */
  x25519SharedSecret(secret: Uint8Array, publicKey: Uint8Array): Uint8Array;
  sha512(bytes: Uint8Array): Uint8Array;
  encodeUtf8(text: string): Uint8Array;
  encodeBase64(bytes: Uint8Array): string;
  encodeBase64Url(bytes: Uint8Array): string;
  /** Lenient: what is decoded must be encoded again and compared. `undefined` or wrong bytes for bad input. */
  decodeBase64(text: string): Uint8Array | undefined;
  /** Lenient, likewise. */
  decodeBase64Url(text: string): Uint8Array | undefined;
}
