/**
 * The exports of a backend: the primitives that differ between runtimes. The `#backend` import in package.json selects the
 * implementation: Node's built-in crypto on Node, the noble curves everywhere else (and on Node with the condition
 * `agent-identity-portable`). Each is a separate export, so that bundles contain only what is used.
 *
 * Both verify signatures with the cofactorless equation of RFC 8032 section 5.1.7, as OpenSSL, BoringSSL, Go and libsodium
 * do: the encoding of [S]B - [k]A must equal R, the first half of the signature, and S must be less than the group order.
 * Both also refuse an R of small order, as libsodium, the Web Cryptography API and Node 24 and later do. So both return
 * the same result for every input on every runtime.
 */
export interface Backend {
  /** Returns the 32-byte Ed25519 public key of a 32-byte seed. */
  ed25519PublicKey(seed: Uint8Array): Uint8Array;
  /** Prepares the key once and returns a function that makes 64-byte signatures. */
  ed25519Signer(seed: Uint8Array): (message: Uint8Array) => Uint8Array;
  /** Prepares a 32-byte canonical public key once and returns a function that checks signatures of any length. */
  ed25519Verifier(publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean;
  x25519PublicKey(secret: Uint8Array): Uint8Array;
  /** Throws if the result would be all zero (RFC 7748 section 6.1). */
  x25519SharedSecret(secret: Uint8Array, publicKey: Uint8Array): Uint8Array;
  sha512(bytes: Uint8Array): Uint8Array;
  encodeUtf8(text: string): Uint8Array;
  encodeBase64(bytes: Uint8Array): string;
  encodeBase64Url(bytes: Uint8Array): string;
  /** Lenient: may return `undefined` or wrong bytes for bad input. Callers must encode the result again and compare. */
  decodeBase64(text: string): Uint8Array | undefined;
  /** Lenient, like `decodeBase64`. */
  decodeBase64Url(text: string): Uint8Array | undefined;
}
