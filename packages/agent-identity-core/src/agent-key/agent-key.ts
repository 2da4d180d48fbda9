import * as backend from '#backend';
import { type AgentPublicKey, agentPublicKey } from './agent-public-key.js';
import { writePkcs8Base64 } from './pkcs8.js';
import { formatSshPublicKey } from './ssh-public-key.js';

/** An agent's Ed25519 key pair. `inspect`, `JSON.stringify` and `String` show only the public half. */
export interface AgentKey {
  readonly publicKey: AgentPublicKey;
  /** Returns the 64-byte signature of RFC 8032 section 5.1.6. Deterministic: one message has one signature. */
  sign(message: Uint8Array): Uint8Array;
  /** **Secret.** Returns standard base64 of the PKCS#8 version 1 document (docs/protocol.md section 2). */
  toPkcs8Base64(): string;
}

class Ed25519AgentKey implements AgentKey {
  readonly publicKey: AgentPublicKey;
  readonly #seed: Uint8Array;
  #sign: ((message: Uint8Array) => Uint8Array) | undefined;

  constructor(seed: Uint8Array) {
    const publicBytes = backend.ed25519PublicKey(seed);
    this.publicKey = agentPublicKey(publicBytes, formatSshPublicKey(publicBytes));
    this.#seed = seed;
    Object.freeze(this);
  }

  sign(message: Uint8Array): Uint8Array {
    this.#sign ??= backend.ed25519Signer(this.#seed);
    return this.#sign(message);
  }

  toPkcs8Base64(): string {
    return writePkcs8Base64(this.#seed);
  }

  toJSON(): { publicKey: string } {
    return { publicKey: this.publicKey.ssh };
  }

  toString(): string {
    return `AgentKey(${this.publicKey.ssh})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Creates a key from a 32-byte seed (copied). */
export function agentKeyFromSeed(seed: Uint8Array): AgentKey {
  return new Ed25519AgentKey(Uint8Array.from(seed));
}
